#include "projections/snapshot.h"

#include "eventlog/base/describe.h"
#include "projections/archive.h"
#include "projections/state_parts.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <string_view>

namespace slipway {

namespace {

constexpr std::string_view kMagic = "slipway snapshot";

struct ChunkHead {
    std::uint32_t number = 0;
    std::uint32_t length = 0;
    std::uint32_t checksum = 0;
};
BOOST_DESCRIBE_STRUCT(ChunkHead, (), (number, length, checksum))
constexpr std::size_t kChunkHeadBytes = 12;
constexpr std::size_t kCheckedHeadBytes = 8;

template <class T>
std::string archived(const T& value) {
    std::string bytes;
    ArchiveWriter{bytes}(value);
    return bytes;
}

template <class T>
bool read_archived(std::string_view bytes, T& value) {
    ArchiveReader archive{bytes};
    archive(value);
    return !archive.has_failed() && archive.is_at_end();
}

std::uint32_t checksum_of(const ChunkHead& head, std::string_view bytes) {
    const std::string checked = archived(head);
    return crc32c(std::string_view{checked}.substr(0, kCheckedHeadBytes), bytes);
}

Error corrupt(const std::string& what) {
    return Error{ErrorCode::corruption, "snapshot: " + what};
}

class Output {
  public:
    explicit Output(const std::filesystem::path& file)
        : file_(file),
          handle_(open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)) {}
    Output(const Output&) = delete;
    Output& operator=(const Output&) = delete;
    ~Output() {
        if (handle_ >= 0) close(handle_);
    }

    Result<void> check_is_open() const {
        if (handle_ < 0) return failed("open");
        return {};
    }
    Result<void> write_all(std::string_view bytes) {
        written_ += bytes.size();
        while (!bytes.empty()) {
            const auto count = write(handle_, bytes.data(), bytes.size());
            if (count < 0 && errno == EINTR) continue;
            if (count < 0) return failed("write");
            bytes.remove_prefix(static_cast<std::size_t>(count));
        }
        return {};
    }
    Result<void> write_chunk(std::string_view bytes) {
        if (bytes.size() > UINT32_MAX) {
            return Error{ErrorCode::invalid, "snapshot: a piece is too long for a chunk"};
        }
        ChunkHead head{number_++, static_cast<std::uint32_t>(bytes.size()), 0};
        head.checksum = checksum_of(head, bytes);
        if (auto done = write_all(archived(head)); !done) return done;
        return write_all(bytes);
    }
    Result<void> sync() {
        if (fsync(handle_) != 0) return failed("sync");
        return {};
    }
    std::uint64_t written() const { return written_; }

  private:
    Error failed(const std::string& what) const {
        return Error{ErrorCode::io,
                     "snapshot: " + file_.string() + ": " + what + ": " + std::strerror(errno)};
    }

    const std::filesystem::path& file_;
    int handle_;
    std::uint32_t number_ = 0;
    std::uint64_t written_ = 0;
};

class Input {
  public:
    // `number`: of the next chunk.
    Input(std::istream& in, std::uint32_t number) : in_(in), number_(number) {
        const auto here = in_.tellg();
        in_.seekg(0, std::ios::end);
        const auto end = in_.tellg();
        in_.seekg(here);
        if (in_ && end > here) left_ = static_cast<std::uint64_t>(end - here);
    }

    bool read_exactly(std::string& bytes, std::size_t count) {
        if (count > left_) return false;
        left_ -= count;
        bytes.resize(count);
        in_.read(bytes.data(), static_cast<std::streamsize>(count));
        return static_cast<bool>(in_);
    }
    Result<void> read_chunk(std::string& bytes) {
        ChunkHead head;
        if (!read_exactly(bytes, kChunkHeadBytes) || !read_archived(bytes, head)) {
            return corrupt("it ends within a chunk");
        }
        if (!read_exactly(bytes, head.length)) return corrupt("it ends within a chunk");
        if (head.number != number_ || head.checksum != checksum_of(head, bytes)) {
            return corrupt("chunk " + std::to_string(number_) + " is not what was written");
        }
        ++number_;
        return {};
    }
    bool is_at_end() const { return left_ == 0; }

  private:
    std::istream& in_;
    std::uint32_t number_;
    std::uint64_t left_ = 0;
};

std::string magic_bytes() {
    return std::string{kMagic} + archived(kSnapshotFormat);
}

}  // namespace

Result<void> write_snapshot(const std::filesystem::path& file, const SnapshotHeader& header,
                            const State& state, const std::function<Result<void>()>& may_go_on) {
    Output out{file};
    if (auto open = out.check_is_open(); !open) return open;
    if (auto done = out.write_all(magic_bytes()); !done) return done;
    if (auto done = out.write_chunk(archived(header)); !done) return done;
    std::uint64_t looked_at = 0;
    std::optional<PiecePlace> at = PiecePlace{};
    for (std::string piece; at;) {
        const PiecePlace from = *at;
        at = write_piece(state, from, piece);
        if (auto done = out.write_chunk(archived(from) + piece); !done) return done;
        if (out.written() - looked_at < kSnapshotBytesPerLook) continue;
        looked_at = out.written();
        if (auto good = may_go_on(); !good) return good;
    }
    if (auto done = out.write_chunk({}); !done) return done;
    return out.sync();
}

Result<SnapshotHeader> read_snapshot_header(std::istream& in) {
    Input input{in, 0};
    std::string bytes;
    if (!input.read_exactly(bytes, magic_bytes().size()) || !bytes.starts_with(kMagic)) {
        return corrupt("it does not begin as one");
    }
    if (bytes != magic_bytes()) {
        return Error{ErrorCode::invalid, "snapshot: it is of another format; this version reads " +
                                             std::to_string(kSnapshotFormat)};
    }
    if (auto read = input.read_chunk(bytes); !read) return read.error();
    SnapshotHeader header;
    if (!read_archived(bytes, header)) return corrupt("its header has what cannot be");
    return header;
}

Result<std::unique_ptr<State>> read_snapshot_state(std::istream& in, const SnapshotHeader& header) {
    Input input{in, 1};
    StateReader reader{header.finished_trees_kept};
    const std::size_t place_bytes = archived(PiecePlace{}).size();
    for (std::string bytes;;) {
        if (auto read = input.read_chunk(bytes); !read) return read.error();
        if (bytes.empty()) break;
        const std::string_view piece{bytes};
        PiecePlace from;
        if (!read_archived(piece.substr(0, place_bytes), from)) return corrupt("a piece is cut");
        if (auto read = reader.read_piece(from, piece.substr(place_bytes)); !read) {
            return read.error();
        }
    }
    if (!input.is_at_end()) return corrupt("there is more after its end");
    auto state = reader.finish();
    if (!state) return state;
    if ((*state)->position() != header.position || (*state)->fingerprint() != header.fingerprint) {
        return corrupt("its state has not the fingerprint " + header.fingerprint);
    }
    return state;
}

}  // namespace slipway
