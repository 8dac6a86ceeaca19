#include "tests/support/simulated_disk.h"

#include "eventlog/base/check.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace slipway {

using leveldb::Slice;
using leveldb::Status;

namespace {

class SimulatedFile : public leveldb::WritableFile {
  public:
    SimulatedFile(SimulatedDisk& disk, std::string name, std::shared_ptr<SimulatedDisk::File> file)
        : disk_(disk), name_(std::move(name)), file_(std::move(file)) {}

    Status Append(const Slice& data) override {
        const auto outcome = disk_.call(name_, true);
        const std::size_t length = outcome.status.ok() ? data.size()
                                   : outcome.in_part   ? disk_.below(data.size() + 1)
                                                       : 0;
        file_->bytes.append(data.data(), length);
        return outcome.status;
    }
    // What was appended has left the program.
    Status Flush() override { return Status::OK(); }
    Status Close() override { return Status::OK(); }
    Status Sync() override {
        const auto outcome = disk_.call(name_, false);
        if (!outcome.status.ok()) {
            file_->is_doubtful = true;
        } else if (!file_->is_doubtful) {
            file_->synced = file_->bytes.size();
        }
        return outcome.status;
    }

  private:
    SimulatedDisk& disk_;
    const std::string name_;
    const std::shared_ptr<SimulatedDisk::File> file_;
};

class SimulatedReads : public leveldb::SequentialFile {
  public:
    SimulatedReads(SimulatedDisk& disk, std::string name, std::shared_ptr<SimulatedDisk::File> file)
        : disk_(disk), name_(std::move(name)), file_(std::move(file)) {}

    // Short reads happen.
    Status Read(std::size_t length, Slice* result, char* scratch) override {
        auto outcome = disk_.call(name_, false);
        if (!outcome.status.ok()) return outcome.status;
        length = std::min(length, file_->bytes.size() - at_);
        if (length > 1 && disk_.below(16) == 0) length = 1 + disk_.below(length);
        std::memcpy(scratch, file_->bytes.data() + at_, length);
        *result = Slice{scratch, length};
        at_ += length;
        return Status::OK();
    }
    Status Skip(std::uint64_t count) override {
        at_ += std::min<std::size_t>(count, file_->bytes.size() - at_);
        return Status::OK();
    }

  private:
    SimulatedDisk& disk_;
    const std::string name_;
    const std::shared_ptr<SimulatedDisk::File> file_;
    std::size_t at_ = 0;
};

// Of a file that nobody writes any more.
class SimulatedTable : public leveldb::RandomAccessFile {
  public:
    SimulatedTable(SimulatedDisk& disk, std::string name, std::shared_ptr<SimulatedDisk::File> file)
        : disk_(disk), name_(std::move(name)), file_(std::move(file)) {}

    Status Read(std::uint64_t offset, std::size_t length, Slice* result, char*) const override {
        auto outcome = disk_.call(name_, false);
        if (!outcome.status.ok()) return outcome.status;
        const std::size_t from = std::min<std::size_t>(offset, file_->bytes.size());
        *result = Slice{file_->bytes.data() + from, std::min(length, file_->bytes.size() - from)};
        return Status::OK();
    }

  private:
    SimulatedDisk& disk_;
    const std::string name_;
    const std::shared_ptr<SimulatedDisk::File> file_;
};

class NoLock : public leveldb::FileLock {};

std::string directory_of(const std::string& name) {
    return name.substr(0, name.rfind('/'));
}

}  // namespace

SimulatedDisk::~SimulatedDisk() {
    CHECK(background_.empty());
}

// ---- Faults

void SimulatedDisk::fail(Fault fault, std::uint64_t number) {
    fault_ = fault;
    failing_in_ = number;
    has_failed_ = false;
}

void SimulatedDisk::heal() {
    failing_in_ = 0;
    is_full_ = false;
    is_off_ = false;
    has_failed_ = false;
}

SimulatedDisk::Outcome SimulatedDisk::call(const std::string& name, bool needs_room) {
    if (is_off_) return {Status::IOError(name, "the power is off")};
    if (is_full_ && needs_room) return {Status::IOError(name, "no space left on device")};
    if (failing_in_ == 0) return {Status::OK()};
    // A disk is full for those only that need room.
    if (fault_ == Fault::full && !needs_room) return {Status::OK()};
    if (--failing_in_ > 0) return {Status::OK()};
    has_failed_ = true;
    is_full_ = fault_ == Fault::full;
    is_off_ = fault_ == Fault::power_off;
    return {Status::IOError(name, "told to fail"), true};
}

void SimulatedDisk::cut_power() {
    for (const auto& together : changes_) {
        if (below(2) == 0) continue;
        for (const Change& one : together) {
            if (one.file) {
                durable_names_[one.name] = one.file;
            } else {
                durable_names_.erase(one.name);
            }
        }
    }
    changes_.clear();
    // What was cut out of order before, and nobody has opened since, still is.
    const auto before = std::exchange(reordered_, {});
    // Files of their own: who had one open has it no more.
    names_.clear();
    for (auto& [name, file] : durable_names_) {
        auto left = std::make_shared<File>(*file);
        for (const auto& [cut, from] : before) {
            if (cut == file) reordered_.emplace_back(left, from);
        }
        lose_bytes(left);
        left->synced = left->bytes.size();
        left->is_doubtful = false;
        file = left;
        names_[name] = std::move(left);
    }
    heal();
}

void SimulatedDisk::lose_bytes(const std::shared_ptr<File>& file) {
    std::string& bytes = file->bytes;
    const std::size_t doubtful = bytes.size() - file->synced;
    if (doubtful == 0) return;
    const std::size_t way = below(4);
    if (way == 0) return;
    if (way == 1) return bytes.resize(file->synced);
    if (way == 2) return bytes.resize(file->synced + below(doubtful + 1));
    reordered_.emplace_back(file, file->synced);
    for (std::size_t at = file->synced; at < bytes.size();) {
        const std::size_t end = std::min(bytes.size(), (at / kSectorBytes + 1) * kSectorBytes);
        if (below(2) == 0) std::fill(bytes.data() + at, bytes.data() + end, '\0');
        at = end;
    }
}

bool SimulatedDisk::cut_reordered() {
    const bool any = !reordered_.empty();
    for (auto& [file, from] : reordered_) {
        file->bytes.resize(std::min(file->bytes.size(), from));
        file->synced = file->bytes.size();
    }
    reordered_.clear();
    return any;
}

// ---- What is at rest

SimulatedDisk::Names SimulatedDisk::image() const {
    Names copy;
    for (const auto& [name, file] : names_) copy[name] = std::make_shared<File>(*file);
    return copy;
}

void SimulatedDisk::restore(const Names& image) {
    changes_.clear();
    names_.clear();
    for (const auto& [name, file] : image) names_[name] = std::make_shared<File>(*file);
    durable_names_ = names_;
}

std::string SimulatedDisk::flip_a_bit() {
    std::vector<std::string> names;
    for (const auto& [name, file] : names_) {
        if (!file->bytes.empty()) names.push_back(name);
    }
    CHECK(!names.empty());
    const std::string& name = names[below(names.size())];
    std::string& bytes = names_[name]->bytes;
    const std::size_t bit = below(bytes.size() * 8);
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
    return name;
}

// ---- leveldb::Env

Status SimulatedDisk::NewSequentialFile(const std::string& name, leveldb::SequentialFile** file) {
    *file = nullptr;
    auto outcome = call(name, false);
    if (!outcome.status.ok()) return outcome.status;
    const auto found = names_.find(name);
    if (found == names_.end()) return Status::NotFound(name, "no such file");
    *file = new SimulatedReads{*this, name, found->second};
    return Status::OK();
}

Status SimulatedDisk::NewRandomAccessFile(const std::string& name,
                                          leveldb::RandomAccessFile** file) {
    *file = nullptr;
    auto outcome = call(name, false);
    if (!outcome.status.ok()) return outcome.status;
    const auto found = names_.find(name);
    if (found == names_.end()) return Status::NotFound(name, "no such file");
    *file = new SimulatedTable{*this, name, found->second};
    return Status::OK();
}

Status SimulatedDisk::NewWritableFile(const std::string& name, leveldb::WritableFile** file) {
    *file = nullptr;
    auto outcome = call(name, true);
    if (!outcome.status.ok()) return outcome.status;
    auto made = std::make_shared<File>();
    change({{name, made}});
    *file = new SimulatedFile{*this, name, std::move(made)};
    return Status::OK();
}

// With reuse_logs off LevelDB has no use for it.
Status SimulatedDisk::NewAppendableFile(const std::string& name, leveldb::WritableFile** file) {
    *file = nullptr;
    return Status::NotSupported(name, "appending to what was there");
}

Status SimulatedDisk::GetChildren(const std::string& directory, std::vector<std::string>* names) {
    names->clear();
    auto outcome = call(directory, false);
    if (!outcome.status.ok()) return outcome.status;
    for (const auto& [name, file] : names_) {
        if (directory_of(name) == directory) names->push_back(name.substr(directory.size() + 1));
    }
    return Status::OK();
}

Status SimulatedDisk::RemoveFile(const std::string& name) {
    auto outcome = call(name, false);
    if (!outcome.status.ok()) return outcome.status;
    if (!names_.contains(name)) return Status::NotFound(name, "no such file");
    change({{name, nullptr}});
    return Status::OK();
}

Status SimulatedDisk::GetFileSize(const std::string& name, std::uint64_t* bytes) {
    const auto found = names_.find(name);
    if (found == names_.end()) return Status::NotFound(name, "no such file");
    *bytes = found->second->bytes.size();
    return Status::OK();
}

Status SimulatedDisk::RenameFile(const std::string& from, const std::string& to) {
    auto outcome = call(from, false);
    if (!outcome.status.ok()) return outcome.status;
    const auto found = names_.find(from);
    if (found == names_.end()) return Status::NotFound(from, "no such file");
    change({{to, found->second}, {from, nullptr}});
    return Status::OK();
}

Status SimulatedDisk::LockFile(const std::string&, leveldb::FileLock** lock) {
    *lock = new NoLock;
    return Status::OK();
}

Status SimulatedDisk::UnlockFile(leveldb::FileLock* lock) {
    delete lock;
    return Status::OK();
}

Status SimulatedDisk::sync_names(const std::string& directory) {
    auto outcome = call(directory, false);
    if (!outcome.status.ok()) return outcome.status;
    // There is one directory only.
    changes_.clear();
    durable_names_ = names_;
    return Status::OK();
}

void SimulatedDisk::change(std::vector<Change> together) {
    for (const Change& one : together) {
        if (one.file) {
            names_[one.name] = one.file;
        } else {
            names_.erase(one.name);
        }
    }
    changes_.push_back(std::move(together));
}

// ---- The background

void SimulatedDisk::Schedule(void (*function)(void*), void* argument) {
    background_.emplace_back(function, argument);
}

void SimulatedDisk::run_background() {
    while (!background_.empty()) {
        const auto [function, argument] = background_.front();
        background_.pop_front();
        function(argument);
    }
}

}  // namespace slipway
