// Disk room: the one rule of how much free space is kept, and who may still write below that. The
// reserve is a setting, in bytes.
//
//   free space           may be written
//   ≥ reserve            all that is appended to the log
//   ≥ reserve / 2        what is due and what is closing (urgency.h)
//   less                 what is closing
//   > reserve            a backup, which lies beside other things and can be made again
//   > 2 × reserve        a snapshot, which lies beside the log and can be made again

#pragma once

#include "eventlog/base/result.h"
#include "eventlog/log/urgency.h"

#include <cstdint>
#include <filesystem>

namespace slipway {

// The least free space to keep for what the store writes of its own accord: the write-ahead log
// that is being filled (16 MiB), the table made of the one before (16), and what a compaction
// writes before it may remove what it read (up to 80 of level 0 and 10 of level 1).
inline constexpr std::uintmax_t kDiskReserveLeast = 128 * 1024 * 1024;

// Of the file system that `path` is on, for this process. Errors: io, the system's words only.
Result<std::uintmax_t> free_bytes_at(const std::filesystem::path& path);

enum class DiskRoom : std::uint8_t { least, low, good };

DiskRoom disk_room(std::uintmax_t free_bytes, std::uintmax_t reserve_bytes);

// Whether the log takes a unit of that urgency.
bool admits(DiskRoom room, Urgency urgency);

// Whether there is room for `more_bytes` of a backup, and of a snapshot.
bool has_room_for_backup(std::uintmax_t free_bytes, std::uintmax_t reserve_bytes,
                         std::uintmax_t more_bytes);
bool has_room_for_snapshot(std::uintmax_t free_bytes, std::uintmax_t reserve_bytes,
                           std::uintmax_t more_bytes);

}  // namespace slipway
