// The files of a log's directory, and copies of them.
//
//   anchor   the end of the log as it was last known (anchor.h)
//   id       the id of the log (log_id_file.h)
//   lock     held by the process that has the log open
//   events/  the database

#pragma once

#include "eventlog/base/result.h"

#include <cstdint>
#include <filesystem>
#include <vector>

namespace slipway {

inline std::filesystem::path anchor_file(const std::filesystem::path& log) {
    return log / "anchor";
}
inline std::filesystem::path events_directory(const std::filesystem::path& log) {
    return log / "events";
}

// Names the database's manifest; written each time the database is opened.
inline std::filesystem::path current_file(const std::filesystem::path& log) {
    return events_directory(log) / "CURRENT";
}
// Where a log that was locked stays until it is closed.
inline std::vector<std::filesystem::path> places_of_log(const std::filesystem::path& log) {
    return {log, log / "lock", events_directory(log)};
}
// The files that opening the database made, and that stay until it is closed: CURRENT and the
// manifest that it names. Errors: not_found, io.
Result<std::vector<std::filesystem::path>> places_of_open_database(
    const std::filesystem::path& log);

// Whether it is one of the database's tables, which never change.
inline bool is_table(const std::filesystem::path& file) {
    return file.extension() == ".ldb" || file.extension() == ".sst";
}

// The log at `place`, which is a data directory or the log in it. Errors: not_found, io.
Result<std::filesystem::path> log_at(const std::filesystem::path& place);

// Takes the lock of the log and returns its descriptor, to be closed. Errors: unavailable, io.
Result<int> lock_log(const std::filesystem::path& log);

// As lock_log, to read a log that nobody writes meanwhile; it changes nothing. -1 where there is no
// such file, and nobody has the log.
Result<int> lock_log_to_read(const std::filesystem::path& log);

// A copy of a log that is locked, of links where that is possible: opening the copy removes and
// replaces names in it, and changes no file. So it needs no room. Errors: io.
Result<void> link_log(const std::filesystem::path& log, const std::filesystem::path& into);

// Bytes that opening the log needs at most: what was logged last is written into tables. A copy
// that cannot be linked needs as much again.
std::uintmax_t bytes_to_open(const std::filesystem::path& log);

// A copy of the log at `log` in a new directory `into`: tables, which never change, as links where
// that is possible. The anchor goes first, so that a copy of a log that grows is not behind its own
// anchor.
Result<void> copy_log(const std::filesystem::path& log, const std::filesystem::path& into);

// A name for such a directory that is not taken: beside the log, or if nothing can be written
// there, in the system's place for temporary files.
Result<std::filesystem::path> new_copy_directory(const std::filesystem::path& log);

}  // namespace slipway
