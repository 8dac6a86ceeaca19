// A table is read as it is. LevelDB reads a write-ahead log only when it opens or repairs a
// database, so copies of the logs, alone in a directory, are repaired: that makes tables of them.
//
//   database  *.ldb ──────────────────────────────┐
//             *.log ─► scratch/logs ─► repair ─► *.ldb ─► scratch/sorted
//
// A sorted key is the key that was read and the checksum of its value, so that values of the same
// key lie side by side.

#include "eventlog/log/leveldb_wreck.h"

#include "eventlog/base/digest.h"
#include "eventlog/log/durable_env.h"
#include "eventlog/log/keys.h"
#include "eventlog/log/leveldb_slice.h"
#include "eventlog/log/log_files.h"

#include <leveldb/db.h>
#include <leveldb/table.h>
#include <leveldb/write_batch.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <new>
#include <stdexcept>

namespace slipway {

namespace {

namespace fs = std::filesystem;

// In a table, a key is followed by its sequence number and, in the lowest byte, whether it was put.
constexpr std::size_t kTrailerBytes = 8;
constexpr char kPut = 1;

constexpr std::size_t kSuffixBytes = 4;

Error salvage_error(const fs::path& path, const std::string& why) {
    return Error{ErrorCode::io, "salvage: " + path.string() + ": " + why};
}

// A repair says only here what it could not read.
class Complaints : public leveldb::Logger {
  public:
    explicit Complaints(std::vector<std::string>& findings) : findings_(findings) {}

    void Logv(const char* format, std::va_list arguments) override {
        std::array<char, 512> line{};
        std::vsnprintf(line.data(), line.size(), format, arguments);
        const std::string_view text{line.data()};
        const bool complains = text.find("dropping") != std::string_view::npos ||
                               text.find("ignoring") != std::string_view::npos;
        if (complains) findings_.emplace_back("write-ahead log: " + std::string{text});
    }

  private:
    std::vector<std::string>& findings_;
};

// Of one table, which lives as long as its file does.
class OpenTable {
  public:
    OpenTable(leveldb::Env& env, const fs::path& path, bool strict) {
        leveldb::Options options;
        options.env = &env;
        options.paranoid_checks = strict;
        std::uint64_t size = 0;
        status_ = env.GetFileSize(path.string(), &size);
        leveldb::RandomAccessFile* file = nullptr;
        if (status_.ok()) status_ = env.NewRandomAccessFile(path.string(), &file);
        file_.reset(file);
        leveldb::Table* table = nullptr;
        if (status_.ok()) status_ = leveldb::Table::Open(options, file, size, &table);
        table_.reset(table);
    }

    // Shows the values of keys in [from, to) that can be read, and answers whether those were all.
    // An empty `to` is behind every key. A block that cannot be read is stepped over.
    leveldb::Status visit(bool strict, std::string_view from, std::string_view to,
                          const Store::Visitor& visit) const {
        if (!status_.ok()) return status_;
        leveldb::ReadOptions options;
        options.verify_checksums = strict;
        options.fill_cache = false;
        const std::unique_ptr<leveldb::Iterator> at{table_->NewIterator(options)};
        for (at->Seek(slice(from)); at->Valid(); at->Next()) {
            const auto stored = view(at->key());
            if (stored.size() < kTrailerBytes) continue;
            const auto key = stored.substr(0, stored.size() - kTrailerBytes);
            if (!to.empty() && key >= to) break;
            if (stored[key.size()] != kPut) continue;
            if (!visit(key, view(at->value()))) break;
        }
        return at->status();
    }

  private:
    leveldb::Status status_;
    std::unique_ptr<leveldb::RandomAccessFile> file_;
    std::unique_ptr<leveldb::Table> table_;
};

leveldb::Status read_table(leveldb::Env& env, const fs::path& file, bool strict,
                           std::string_view from, std::string_view to,
                           const Store::Visitor& visit) {
    // Where an index is damaged, blocks may be of any size.
    try {
        return OpenTable{env, file, strict}.visit(strict, from, to, visit);
    } catch (const std::bad_alloc&) {
        return leveldb::Status::Corruption("a block of an impossible size");
    } catch (const std::length_error&) {
        return leveldb::Status::Corruption("a block of an impossible size");
    }
}

Result<std::vector<fs::path>> files_of(const fs::path& directory) {
    std::vector<fs::path> files;
    std::error_code error;
    for (fs::directory_iterator at{directory, error}, end; !error && at != end;
         at.increment(error)) {
        files.push_back(at->path());
    }
    if (error) return salvage_error(directory, error.message());
    std::sort(files.begin(), files.end());
    return files;
}

}  // namespace

void visit_tables(const fs::path& database, std::string_view from, std::string_view to,
                  const Store::Visitor& visit) {
    const auto files = files_of(database);
    if (!files) return;
    Disk disk;
    DurableEnv env{disk};
    for (const auto& file : *files) {
        if (is_table(file)) static_cast<void>(read_table(env, file, false, from, to, visit));
    }
}

Wreck::Wreck() = default;
Wreck::~Wreck() = default;

Result<std::unique_ptr<Wreck>> Wreck::read(const fs::path& database, const fs::path& scratch) {
    std::unique_ptr<Wreck> wreck{new Wreck};
    wreck->disk_ = std::make_unique<Disk>();
    wreck->env_ = std::make_unique<DurableEnv>(*wreck->disk_);
    if (auto done = wreck->collect(database, scratch); !done) return done.error();
    return wreck;
}

Result<void> Wreck::collect(const fs::path& database, const fs::path& scratch) {
    const auto files = files_of(database);
    if (!files) return files.error();
    std::error_code error;
    fs::create_directories(scratch / "logs", error);
    if (error) return salvage_error(scratch, error.message());
    complaints_ = std::make_unique<Complaints>(findings_);
    leveldb::Options options;
    options.env = env_.get();
    options.info_log = complaints_.get();
    options.create_if_missing = true;
    options.error_if_exists = true;
    leveldb::DB* db = nullptr;
    const auto opened = leveldb::DB::Open(options, (scratch / "sorted").string(), &db);
    sorted_.reset(db);
    if (!opened.ok()) return salvage_error(scratch, opened.ToString());
    std::vector<fs::path> logs;
    for (const auto& file : *files) {
        // A file that this user may not read is not lost.
        if (::access(file.c_str(), R_OK) != 0 && errno == EACCES) {
            return salvage_error(file, std::strerror(EACCES));
        }
        if (file.extension() == ".log") logs.push_back(file);
        if (!is_table(file)) continue;
        if (auto done = collect_table(file); !done) return done;
    }
    return logs.empty() ? Result<void>{} : collect_logs(logs, scratch / "logs");
}

Result<void> Wreck::collect_table(const fs::path& file) {
    leveldb::Status written;
    const auto keep = [&](std::string_view key, std::string_view value) {
        std::string sorted{key};
        append_u32(sorted, crc32c(value));
        written = sorted_->Put({}, sorted, slice(value));
        return written.ok();
    };
    const auto strict = read_table(*env_, file, true, "", "", keep);
    if (!strict.ok()) {
        findings_.push_back(file.filename().string() + ": " + strict.ToString());
        // One bad byte spoils a block of many records, each of which can prove itself.
        static_cast<void>(read_table(*env_, file, false, "", "", keep));
    }
    if (!written.ok()) return salvage_error(file, written.ToString());
    return {};
}

Result<void> Wreck::collect_logs(const std::vector<fs::path>& logs, const fs::path& place) {
    for (const auto& log : logs) {
        std::error_code error;
        // What was copied of one that cannot be read to its end is looked at all the same.
        if (!fs::copy_file(log, place / log.filename(), error) || error) {
            if (error == std::errc::no_space_on_device) return salvage_error(log, error.message());
            findings_.push_back(log.filename().string() + ": " + error.message());
        }
    }
    leveldb::Options options;
    options.env = env_.get();
    options.info_log = complaints_.get();
    const auto repaired = leveldb::RepairDB(place.string(), options);
    if (!repaired.ok()) return salvage_error(place, repaired.ToString());
    const auto made = files_of(place);
    if (!made) return made.error();
    for (const auto& file : *made) {
        if (!is_table(file)) continue;
        if (auto done = collect_table(file); !done) return done;
    }
    return {};
}

Result<void> Wreck::scan(std::string_view from, std::string_view to,
                         const Store::Visitor& visit) const {
    leveldb::ReadOptions options;
    options.verify_checksums = true;
    options.fill_cache = false;
    const std::unique_ptr<leveldb::Iterator> at{sorted_->NewIterator(options)};
    for (at->Seek(slice(from)); at->Valid(); at->Next()) {
        auto key = view(at->key());
        key.remove_suffix(kSuffixBytes);
        if (key >= to || !visit(key, view(at->value()))) break;
    }
    if (!at->status().ok()) return Error{ErrorCode::io, "salvage: " + at->status().ToString()};
    return {};
}

}  // namespace slipway
