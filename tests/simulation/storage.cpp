#include "tests/simulation/storage.h"

#include "eventlog/base/check.h"
#include "eventlog/log/keys.h"
#include "eventlog/log/leveldb_store.h"
#include "tests/support/breakable_store.h"
#include "tests/support/simulated_disk.h"

#include <array>
#include <utility>

namespace slipway {

namespace {

class PlainStorage : public Storage {
  public:
    explicit PlainStorage(std::mt19937_64& random) : random_(random) {}

    Result<std::unique_ptr<Store>> open() override { return store_.open(); }

    // The write may be there all the same.
    void fail_soon() override { store_.fail_next(ErrorCode::indeterminate, random_() % 2 == 0); }
    bool has_failed() const override { return false; }
    void stop() override {}
    void end(bool) override {}
    bool salvage() override { return false; }

    // A bit of some record.
    std::string damage(Position end) override {
        const Position at{1 + random_() % end.value};
        damaged_ = event_key(at);
        good_ = store_.get(damaged_);
        std::string bad = good_;
        const std::size_t bit = random_() % (bad.size() * 8);
        bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
        store_.put(damaged_, bad);
        return "position " + std::to_string(at.value);
    }
    void repair() override { store_.put(damaged_, good_); }

  private:
    std::mt19937_64& random_;
    BreakableStore store_;
    std::string damaged_;
    std::string good_;
};

class DiskStorage : public Storage {
  public:
    explicit DiskStorage(std::mt19937_64& random) : random_(random), disk_(random) {
        CHECK(LevelDbStore::create(kDirectory, &disk_));
    }

    Result<std::unique_ptr<Store>> open() override {
        auto opened = LevelDbStore::open(kDirectory, &disk_, kBufferBytes);
        if (!opened) return opened.error();
        disk_.forget_reordered();
        return std::unique_ptr<Store>{std::make_unique<View>(*this, std::move(*opened))};
    }

    void fail_soon() override {
        using Fault = SimulatedDisk::Fault;
        static constexpr std::array kFaults = {Fault::error, Fault::full, Fault::power_off};
        disk_.fail(kFaults[random_() % kFaults.size()], 1 + random_() % kSoonCalls);
    }
    bool has_failed() const override { return disk_.has_failed(); }

    void stop() override { disk_.power_off(); }
    void end(bool with_power) override {
        if (with_power) {
            disk_.cut_power();
        } else {
            disk_.heal();
        }
    }

    // LevelDB takes what is left of a write that the power cut out of order for damage.
    bool salvage() override { return disk_.cut_reordered(); }

    std::string damage(Position) override {
        good_ = disk_.image();
        disk_.flip_a_bit();
        return {};
    }
    void repair() override { disk_.restore(good_); }

  private:
    static constexpr const char* kDirectory = "/log/events";
    // The least that LevelDB takes, so that it has tables and merges them.
    static constexpr std::size_t kBufferBytes = 64 * 1024;
    // Those of some writes, or of one that begins a new table.
    static constexpr std::uint64_t kSoonCalls = 20;

    // LevelDB, and what it does in the background: before a write, so that none ever waits for it.
    class View : public Store {
      public:
        View(DiskStorage& whole, std::unique_ptr<LevelDbStore> store)
            : whole_(whole), store_(std::move(store)) {}
        View(const View&) = delete;
        View& operator=(const View&) = delete;
        ~View() override { whole_.disk_.run_background(); }

        Result<void> commit(const WriteBatch& batch) override {
            whole_.disk_.run_background();
            auto done = store_->commit(batch);
            if (whole_.random_() % 2 == 0) whole_.disk_.run_background();
            return done;
        }
        Result<std::string> get(std::string_view key) const override { return store_->get(key); }
        Result<void> scan(std::string_view from, std::string_view to, Order order,
                          const Visitor& visit) const override {
            return store_->scan(from, to, order, visit);
        }

      private:
        DiskStorage& whole_;
        std::unique_ptr<LevelDbStore> store_;
    };

    std::mt19937_64& random_;
    SimulatedDisk disk_;
    SimulatedDisk::Names good_;
};

}  // namespace

std::unique_ptr<Storage> plain_storage(std::mt19937_64& random) {
    return std::make_unique<PlainStorage>(random);
}

std::unique_ptr<Storage> disk_storage(std::mt19937_64& random) {
    return std::make_unique<DiskStorage>(random);
}

}  // namespace slipway
