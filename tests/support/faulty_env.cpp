#include "tests/support/faulty_env.h"

#include <filesystem>
#include <utility>
#include <vector>

namespace slipway {

using leveldb::Slice;
using leveldb::Status;

namespace {

Status told(const std::string& name) {
    return Status::IOError(name, "told to fail");
}

class FaultyFile : public leveldb::WritableFile {
  public:
    FaultyFile(FaultyEnv& env, std::string name, leveldb::WritableFile* base)
        : env_(env), name_(std::move(name)), base_(base) {}

    Status Append(const Slice& data) override {
        if (env_.fails()) {
            const std::size_t length = env_.is_half() ? data.size() / 2 : 0;
            if (base_->Append({data.data(), length}).ok()) env_.written(name_, length);
            return told(name_);
        }
        const Status status = base_->Append(data);
        if (status.ok()) env_.written(name_, data.size());
        return status;
    }
    Status Flush() override { return env_.fails() ? told(name_) : base_->Flush(); }
    Status Sync() override {
        if (env_.fails()) return told(name_);
        const Status status = base_->Sync();
        if (status.ok()) env_.synced(name_);
        return status;
    }
    Status Close() override { return env_.fails() ? told(name_) : base_->Close(); }

  private:
    FaultyEnv& env_;
    const std::string name_;
    const std::unique_ptr<leveldb::WritableFile> base_;
};

class FaultyReads : public leveldb::SequentialFile {
  public:
    FaultyReads(FaultyEnv& env, std::string name, leveldb::SequentialFile* base)
        : env_(env), name_(std::move(name)), base_(base) {}

    Status Read(std::size_t length, Slice* result, char* scratch) override {
        return env_.fails() ? told(name_) : base_->Read(length, result, scratch);
    }
    Status Skip(std::uint64_t count) override { return base_->Skip(count); }

  private:
    FaultyEnv& env_;
    const std::string name_;
    const std::unique_ptr<leveldb::SequentialFile> base_;
};

}  // namespace

void FaultyEnv::fail(std::uint64_t number, bool stays) {
    const std::lock_guard lock{mutex_};
    calls_ = 0;
    failing_ = number;
    stays_ = stays;
    failed_ = false;
}

bool FaultyEnv::has_failed() const {
    const std::lock_guard lock{mutex_};
    return failed_;
}

bool FaultyEnv::fails() {
    const std::lock_guard lock{mutex_};
    if (failing_ == 0) return false;
    ++calls_;
    const bool now = calls_ == failing_ || (stays_ && calls_ > failing_);
    failed_ = failed_ || now;
    return now;
}

void FaultyEnv::written(const std::string& name, std::uint64_t bytes) {
    const std::lock_guard lock{mutex_};
    sizes_[name].written += bytes;
}

void FaultyEnv::synced(const std::string& name) {
    const std::lock_guard lock{mutex_};
    Size& size = sizes_[name];
    size.synced = size.written;
    size.was_synced = true;
}

void FaultyEnv::cut_power() {
    const std::lock_guard lock{mutex_};
    for (const auto& [name, size] : sizes_) {
        std::error_code gone;
        if (!size.was_synced) {
            std::filesystem::remove(name, gone);
        } else {
            std::filesystem::resize_file(name, size.synced, gone);
        }
    }
    sizes_.clear();
}

Status FaultyEnv::NewSequentialFile(const std::string& name, leveldb::SequentialFile** file) {
    *file = nullptr;
    if (fails()) return told(name);
    const Status status = target()->NewSequentialFile(name, file);
    if (status.ok()) *file = new FaultyReads{*this, name, *file};
    return status;
}

Status FaultyEnv::NewWritableFile(const std::string& name, leveldb::WritableFile** file) {
    *file = nullptr;
    if (fails()) return told(name);
    const Status status = target()->NewWritableFile(name, file);
    if (!status.ok()) return status;
    {
        const std::lock_guard lock{mutex_};
        sizes_[name] = {};
    }
    *file = new FaultyFile{*this, name, *file};
    return status;
}

Status FaultyEnv::RenameFile(const std::string& from, const std::string& to) {
    if (fails()) return told(from);
    const Status status = target()->RenameFile(from, to);
    const std::lock_guard lock{mutex_};
    if (status.ok() && sizes_.contains(from)) {
        sizes_[to] = sizes_[from];
        sizes_.erase(from);
    }
    return status;
}

Status FaultyEnv::RemoveFile(const std::string& name) {
    if (fails()) return told(name);
    const std::lock_guard lock{mutex_};
    sizes_.erase(name);
    return target()->RemoveFile(name);
}

Status FaultyEnv::GetChildren(const std::string& directory, std::vector<std::string>* names) {
    return fails() ? told(directory) : target()->GetChildren(directory, names);
}

Status FaultyEnv::LockFile(const std::string& name, leveldb::FileLock** lock) {
    *lock = nullptr;
    return fails() ? told(name) : target()->LockFile(name, lock);
}

}  // namespace slipway
