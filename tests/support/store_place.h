// A place that is nothing but a store and an anchor: to prove and open a log without files.

#pragma once

#include "eventlog/base/clock.h"
#include "eventlog/log/event_log.h"
#include "eventlog/log/log_place.h"
#include "eventlog/log/log_proof.h"

#include <cstdint>
#include <memory>
#include <utility>

namespace slipway {

class StorePlace : public LogPlace {
  public:
    StorePlace(std::unique_ptr<Store> store, const Tail& anchor)
        : store_(std::move(store)), anchor_(anchor) {}

    Result<Tail> anchor() const override { return anchor_; }
    Result<void> keep_anchor(const Tail& tail) override {
        anchor_ = tail;
        return {};
    }
    std::optional<Uuid> kept_log_id() const override { return std::nullopt; }
    void keep_log_id(Uuid) override {}
    Result<std::unique_ptr<Store>> copy() override {
        return std::unique_ptr<Store>{new View{*store_}};
    }
    Result<std::unique_ptr<Store>> open() override { return std::move(store_); }
    Result<std::uintmax_t> free_bytes() const override { return UINTMAX_MAX; }

  private:
    // Reads the same store, which a proof does not change.
    class View : public Store {
      public:
        explicit View(const Store& whole) : whole_(whole) {}

        Result<void> commit(const WriteBatch&) override {
            return Error{ErrorCode::io, "store: a copy is only read"};
        }
        Result<std::string> get(std::string_view key) const override { return whole_.get(key); }
        Result<void> scan(std::string_view from, std::string_view to, Order order,
                          const Visitor& visit) const override {
            return whole_.scan(from, to, order, visit);
        }

      private:
        const Store& whole_;
    };

    std::unique_ptr<Store> store_;
    Tail anchor_;
};

// Proves the log in `store`, shows its records to `visit`, and opens it.
inline Result<std::unique_ptr<EventLog>> open_proven(std::unique_ptr<Store> store,
                                                     const Tail& anchor, const Clock& clock,
                                                     const LogReader::Visitor& visit) {
    auto proof = LogProof::of(std::make_unique<StorePlace>(std::move(store), anchor));
    if (!proof) return proof.error();
    if (auto proven = proof->replay(Position{}, visit); !proven) return proven.error();
    return proof->open(clock, {});
}

}  // namespace slipway
