// A store in memory that outlives the log over it, fails when it is told to, and can be damaged.

#pragma once

#include "tests/support/memory_store.h"

#include <memory>
#include <optional>
#include <string>

namespace slipway {

class BreakableStore {
  public:
    // What a log is put over. All of them share what is stored.
    std::unique_ptr<Store> open() { return std::make_unique<View>(*this); }

    // The next commit fails so; with `written`, what it should write is there all the same.
    void fail_next(ErrorCode code, bool written) {
        failure_ = Error{code, "store: told to fail"};
        written_ = written;
    }

    std::size_t commits() const { return commits_; }
    std::string get(std::string_view key) const { return *stored_->get(key); }

    void put(const std::string& key, const std::string& value) { rebuild(key, value); }
    void remove(const std::string& key) { rebuild(key, std::nullopt); }

  private:
    class View : public Store {
      public:
        explicit View(BreakableStore& whole) : whole_(whole) {}

        Result<void> commit(const WriteBatch& batch) override {
            ++whole_.commits_;
            if (!whole_.failure_) return whole_.stored_->commit(batch);
            const Error error = *std::exchange(whole_.failure_, std::nullopt);
            if (whole_.written_) CHECK(whole_.stored_->commit(batch));
            return error;
        }
        Result<std::string> get(std::string_view key) const override {
            return whole_.stored_->get(key);
        }
        Result<void> scan(std::string_view from, std::string_view to, Order order,
                          const Visitor& visit) const override {
            return whole_.stored_->scan(from, to, order, visit);
        }

      private:
        BreakableStore& whole_;
    };

    void rebuild(const std::string& key, const std::optional<std::string>& value) {
        WriteBatch batch;
        CHECK(stored_->scan("", "\xff", Order::ascending,
                            [&](std::string_view found, std::string_view old) {
                                if (found != key) batch.puts.emplace_back(found, old);
                                return true;
                            }));
        if (value) batch.puts.emplace_back(key, *value);
        stored_ = std::make_unique<MemoryStore>();
        CHECK(stored_->commit(batch));
    }

    std::unique_ptr<MemoryStore> stored_ = std::make_unique<MemoryStore>();
    std::optional<Error> failure_;
    bool written_ = false;
    std::size_t commits_ = 0;
};

}  // namespace slipway
