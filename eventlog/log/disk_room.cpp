#include "eventlog/log/disk_room.h"

namespace slipway {

Result<std::uintmax_t> free_bytes_at(const std::filesystem::path& path) {
    std::error_code error;
    const auto space = std::filesystem::space(path, error);
    if (error) return Error{ErrorCode::io, error.message()};
    return space.available;
}

DiskRoom disk_room(std::uintmax_t free_bytes, std::uintmax_t reserve_bytes) {
    if (free_bytes >= reserve_bytes) return DiskRoom::good;
    return free_bytes >= reserve_bytes / 2 ? DiskRoom::low : DiskRoom::least;
}

bool admits(DiskRoom room, Urgency urgency) {
    switch (urgency) {
        case Urgency::normal:
            return room == DiskRoom::good;
        case Urgency::due:
            return room != DiskRoom::least;
        case Urgency::closing:
            break;
    }
    return true;
}

bool has_room_for_backup(std::uintmax_t free_bytes, std::uintmax_t reserve_bytes,
                         std::uintmax_t more_bytes) {
    return free_bytes > reserve_bytes + more_bytes;
}

bool has_room_for_snapshot(std::uintmax_t free_bytes, std::uintmax_t reserve_bytes,
                           std::uintmax_t more_bytes) {
    return free_bytes > 2 * reserve_bytes + more_bytes;
}

}  // namespace slipway
