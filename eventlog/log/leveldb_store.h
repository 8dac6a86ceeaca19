// The store on LevelDB: the embedded default.

#pragma once

#include "eventlog/log/store.h"

#include <filesystem>
#include <memory>

namespace leveldb {
class DB;
class Logger;
}  // namespace leveldb

namespace slipway {

class Disk;
class DurableEnv;
class PlaceWatch;

class LevelDbStore : public Store {
  public:
    static constexpr std::size_t kWriteBufferBytes = 16 * 1024 * 1024;

    // Makes an empty database. Requires: nothing is at `directory`. `disk` is the system's if null;
    // a test passes one that fails.
    static Result<void> create(const std::filesystem::path& directory, Disk* disk = nullptr);

    // Opens what create() made. A successful open changes files: prove a copy first. A table is
    // written from memory once `write_buffer_bytes` were logged; a start replays at most as much.
    // While a path of `places`, which outlive it, is not what was added, nothing is committed.
    // Errors: not_found, corruption, unavailable (another process has it), io.
    static Result<std::unique_ptr<LevelDbStore>> open(
        const std::filesystem::path& directory, Disk* disk = nullptr,
        std::size_t write_buffer_bytes = kWriteBufferBytes, const PlaceWatch* places = nullptr);
    ~LevelDbStore() override;

    Result<void> commit(const WriteBatch& batch) override;
    Result<std::string> get(std::string_view key) const override;
    Result<void> scan(std::string_view from, std::string_view to, Order order,
                      const Visitor& visit) const override;
    // Out of tables only: LevelDB refuses a whole block of records for one bad byte.
    void visit_unverified(std::string_view from, std::string_view to,
                          const Visitor& visit) const override;
    StoreFigures figures() const override;

  private:
    explicit LevelDbStore(std::filesystem::path directory);

    const std::filesystem::path directory_;
    std::unique_ptr<Disk> system_;  // if it is on the system's
    std::unique_ptr<DurableEnv> env_;
    std::unique_ptr<leveldb::Logger> traces_;
    std::unique_ptr<leveldb::DB> db_;
};

}  // namespace slipway
