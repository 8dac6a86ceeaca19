#include "eventlog/log/leveldb_store.h"

#include "eventlog/log/disk_room.h"
#include "eventlog/log/durable_env.h"
#include "eventlog/log/keys.h"
#include "eventlog/log/leveldb_slice.h"
#include "eventlog/log/leveldb_wreck.h"

#include <leveldb/db.h>
#include <leveldb/env.h>
#include <leveldb/write_batch.h>

#include <charconv>
#include <cstdarg>

namespace slipway {

namespace {

// LevelDB has seven levels of tables (config::kNumLevels, which no public header of its has), and
// no key of ours begins with more than a letter.
constexpr int kLevels = 7;
constexpr const char* kFirstKey = "";
constexpr const char* kAfterLastKey = "\xff";

// The least reserve has room for the writes that LevelDB makes of its own accord.
static_assert(kDiskReserveLeast >= 8 * LevelDbStore::kWriteBufferBytes);

// LevelDB's own words go nowhere: what counts comes back as a status.
class Silent : public leveldb::Logger {
  public:
    void Logv(const char*, std::va_list) override {}
};

Error error_of(const leveldb::Status& status, const std::string& what) {
    const std::string message = "store: " + what + ": " + status.ToString();
    if (status.IsCorruption()) return {ErrorCode::corruption, message};
    if (status.IsNotFound()) return {ErrorCode::not_found, message};
    return {ErrorCode::io, message};
}

leveldb::Options options_with(DurableEnv& env, leveldb::Logger& traces) {
    leveldb::Options options;
    options.env = &env;
    options.info_log = &traces;
    options.paranoid_checks = true;
    options.reuse_logs = false;
    return options;
}

leveldb::ReadOptions verified() {
    leveldb::ReadOptions options;
    options.verify_checksums = true;
    return options;
}

}  // namespace

LevelDbStore::LevelDbStore(std::filesystem::path directory) : directory_(std::move(directory)) {}
LevelDbStore::~LevelDbStore() = default;

Result<void> LevelDbStore::create(const std::filesystem::path& directory, Disk* disk) {
    Disk system;
    DurableEnv durable{disk == nullptr ? system : *disk};
    Silent traces;
    leveldb::Options options = options_with(durable, traces);
    options.create_if_missing = true;
    options.error_if_exists = true;
    leveldb::DB* db = nullptr;
    const auto status = leveldb::DB::Open(options, directory.string(), &db);
    const std::unique_ptr<leveldb::DB> opened{db};
    if (!status.ok()) return error_of(status, "create " + directory.string());
    return {};
}

Result<std::unique_ptr<LevelDbStore>> LevelDbStore::open(const std::filesystem::path& directory,
                                                         Disk* disk, std::size_t write_buffer_bytes,
                                                         const PlaceWatch* places) {
    std::unique_ptr<LevelDbStore> store{new LevelDbStore{directory}};
    if (disk == nullptr) {
        store->system_ = std::make_unique<Disk>();
        disk = store->system_.get();
    }
    // With a lost CURRENT, LevelDB would begin anew and delete every table.
    if (!disk->FileExists((directory / "CURRENT").string())) {
        return Error{ErrorCode::corruption,
                     "store: " + directory.string() + " has no file CURRENT; restore from a dump"};
    }
    store->env_ = std::make_unique<DurableEnv>(*disk, places);
    store->traces_ = std::make_unique<Silent>();
    leveldb::Options options = options_with(*store->env_, *store->traces_);
    options.write_buffer_size = write_buffer_bytes;
    leveldb::DB* db = nullptr;
    const auto status = leveldb::DB::Open(options, directory.string(), &db);
    store->db_.reset(db);
    if (!status.ok()) return error_of(status, "open " + directory.string());
    return store;
}

Result<void> LevelDbStore::commit(const WriteBatch& batch) {
    const auto sealed = [](const std::string& why) {
        return Error{ErrorCode::indeterminate, "store: commit: " + why};
    };
    if (env_->is_sealed()) return sealed("a write failed before");
    std::string tail;
    const auto found = db_->Get(verified(), slice(kTailKey), &tail);
    if (!found.ok() && !found.IsNotFound()) return sealed(found.ToString());
    const bool fits = batch.follows ? found.ok() && tail == *batch.follows : found.IsNotFound();
    if (!fits) return Error{ErrorCode::fenced, "store: the tail is not the one that is followed"};

    leveldb::WriteBatch writes;
    for (const auto& [key, value] : batch.puts) writes.Put(key, value);
    for (const auto& key : batch.removals) writes.Delete(key);
    leveldb::WriteOptions options;
    options.sync = true;
    const auto status = db_->Write(options, &writes);
    if (!status.ok()) return sealed(status.ToString());
    return {};
}

Result<std::string> LevelDbStore::get(std::string_view key) const {
    std::string value;
    const auto status = db_->Get(verified(), slice(key), &value);
    if (!status.ok()) return error_of(status, "get");
    return value;
}

Result<void> LevelDbStore::scan(std::string_view from, std::string_view to, Order order,
                                const Visitor& visit) const {
    auto options = verified();
    options.fill_cache = false;
    const std::unique_ptr<leveldb::Iterator> at{db_->NewIterator(options)};
    const bool ascending = order == Order::ascending;
    if (ascending) {
        at->Seek(slice(from));
    } else {
        at->Seek(slice(to));
        // The last key before `to`: one back from it, or the last of all.
        if (at->Valid()) {
            at->Prev();
        } else if (at->status().ok()) {
            at->SeekToLast();
        }
    }
    while (at->Valid()) {
        const auto key = view(at->key());
        if (ascending ? key >= to : key < from) break;
        if (!visit(key, view(at->value()))) break;
        if (ascending) {
            at->Next();
        } else {
            at->Prev();
        }
    }
    // A block that could not be read is stepped over; only the status remembers it.
    if (!at->status().ok()) return error_of(at->status(), "scan");
    return {};
}

void LevelDbStore::visit_unverified(std::string_view from, std::string_view to,
                                    const Visitor& visit) const {
    visit_tables(directory_, from, to, visit);
}

StoreFigures LevelDbStore::figures() const {
    const auto number = [this](const std::string& name) {
        std::string text;
        std::uint64_t value = 0;
        if (db_->GetProperty("leveldb." + name, &text)) {
            std::from_chars(text.data(), text.data() + text.size(), value);
        }
        return value;
    };
    StoreFigures found;
    found.memory_bytes = number("approximate-memory-usage");
    for (int level = 0; level < kLevels; ++level) {
        found.tables += number("num-files-at-level" + std::to_string(level));
    }
    const leveldb::Range all{kFirstKey, kAfterLastKey};
    db_->GetApproximateSizes(&all, 1, &found.disk_bytes);
    return found;
}

}  // namespace slipway
