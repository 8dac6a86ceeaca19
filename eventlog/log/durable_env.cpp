#include "eventlog/log/durable_env.h"

#include "eventlog/base/durable_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>
#include <utility>

namespace slipway {

using leveldb::Slice;
using leveldb::Status;

namespace {

Status failed(const std::string& name) {
    return Status::IOError(name, std::strerror(errno));
}

using Sealed = std::shared_ptr<std::atomic<bool>>;

Status seal_on_failure(const Sealed& sealed, Status status) {
    if (!status.ok()) sealed->store(true);
    return status;
}

Status check(const PlaceWatch& places) {
    const auto good = places.check();
    return good ? Status::OK() : Status::IOError(good.error().message);
}

class SealingFile : public leveldb::WritableFile {
  public:
    // Without `places` it does not matter what is under its name.
    SealingFile(leveldb::WritableFile* base, Sealed sealed, const PlaceWatch* places,
                const std::string& name)
        : base_(base), sealed_(std::move(sealed)), places_(places), name_(name) {
        if (places_ != nullptr) identity_ = identity_at(name_);
    }

    Status Append(const Slice& data) override {
        return guarded([&] { return base_->Append(data); });
    }
    Status Flush() override {
        return guarded([&] { return base_->Flush(); });
    }
    Status Sync() override {
        return guarded([&] {
            const Status status = base_->Sync();
            return status.ok() && places_ != nullptr ? in_place() : status;
        });
    }
    Status Close() override {
        return guarded([&] { return base_->Close(); });
    }

  private:
    template <class Write>
    Status guarded(const Write& write) {
        if (*sealed_) return Status::IOError("a write failed before; the log is sealed");
        return seal_on_failure(sealed_, write());
    }
    Status in_place() const {
        if (identity_ && identity_at(name_) == identity_) return check(*places_);
        return Status::IOError(name_,
                               "is no longer the file that is written: it was removed, "
                               "moved, or replaced by another");
    }

    std::unique_ptr<leveldb::WritableFile> base_;
    Sealed sealed_;
    const PlaceWatch* places_;
    std::string name_;
    std::optional<FileIdentity> identity_;
};

class PreadFile : public leveldb::RandomAccessFile {
  public:
    PreadFile(std::string name, int handle) : name_(std::move(name)), handle_(handle) {}
    PreadFile(const PreadFile&) = delete;
    PreadFile& operator=(const PreadFile&) = delete;
    ~PreadFile() override { close(handle_); }

    Status Read(std::uint64_t offset, std::size_t length, Slice* result,
                char* scratch) const override {
        std::size_t done = 0;
        while (done < length) {
            const auto count =
                pread(handle_, scratch + done, length - done, static_cast<off_t>(offset + done));
            if (count < 0 && errno == EINTR) continue;
            if (count < 0) return failed(name_);
            if (count == 0) break;
            done += static_cast<std::size_t>(count);
        }
        *result = Slice{scratch, done};
        return Status::OK();
    }

  private:
    std::string name_;
    int handle_;
};

class PatientFile : public leveldb::SequentialFile {
  public:
    explicit PatientFile(leveldb::SequentialFile* base) : base_(base) {}

    Status Read(std::size_t length, Slice* result, char* scratch) override {
        std::size_t done = 0;
        while (done < length) {
            Slice part;
            const Status status = base_->Read(length - done, &part, scratch + done);
            if (!status.ok()) return status;
            if (part.empty()) break;
            if (part.data() != scratch + done) {
                std::memmove(scratch + done, part.data(), part.size());
            }
            done += part.size();
        }
        *result = Slice{scratch, done};
        return Status::OK();
    }
    Status Skip(std::uint64_t count) override { return base_->Skip(count); }

  private:
    std::unique_ptr<leveldb::SequentialFile> base_;
};

}  // namespace

Status Disk::NewRandomAccessFile(const std::string& name, leveldb::RandomAccessFile** file) {
    *file = nullptr;
    const int handle = open(name.c_str(), O_RDONLY | O_CLOEXEC);
    if (handle < 0) return failed(name);
    *file = new PreadFile{name, handle};
    return Status::OK();
}

Status Disk::sync_names(const std::string& directory) {
    const auto synced = sync_directory(directory);
    return synced ? Status::OK() : Status::IOError(synced.error().message);
}

Status DurableEnv::sealing(Status status) {
    return seal_on_failure(sealed_, std::move(status));
}

Status DurableEnv::sync_names_beside(const std::string& name) {
    return sealing(disk_.sync_names(std::filesystem::path{name}.parent_path().string()));
}

Status DurableEnv::may_change(const std::string& name) {
    if (*sealed_) return Status::IOError(name, "a write failed before; the log is sealed");
    return places_ == nullptr ? Status::OK() : sealing(check(*places_));
}

Status DurableEnv::NewSequentialFile(const std::string& name, leveldb::SequentialFile** file) {
    const Status status = target()->NewSequentialFile(name, file);
    if (status.ok()) *file = new PatientFile{*file};
    return status;
}

Status DurableEnv::NewWritableFile(const std::string& name, leveldb::WritableFile** file) {
    Status status = may_change(name);
    if (!status.ok()) return status;
    status = target()->NewWritableFile(name, file);
    if (!status.ok()) return sealing(std::move(status));
    *file = new SealingFile{*file, sealed_, places_, name};
    status = sync_names_beside(name);
    if (!status.ok()) delete std::exchange(*file, nullptr);
    return status;
}

Status DurableEnv::NewAppendableFile(const std::string& name, leveldb::WritableFile** file) {
    Status status = may_change(name);
    if (!status.ok()) return status;
    status = target()->NewAppendableFile(name, file);
    if (status.ok()) *file = new SealingFile{*file, sealed_, places_, name};
    return sealing(std::move(status));
}

Status DurableEnv::RemoveFile(const std::string& name) {
    const Status status = may_change(name);
    return status.ok() ? target()->RemoveFile(name) : status;
}

Status DurableEnv::RenameFile(const std::string& from, const std::string& to) {
    Status status = may_change(to);
    if (!status.ok()) return status;
    status = target()->RenameFile(from, to);
    if (!status.ok()) return sealing(std::move(status));
    return sync_names_beside(to);
}

}  // namespace slipway
