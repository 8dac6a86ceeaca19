// The system calls of this process on files below a directory: one of them fails, or the power goes
// there. It stands between everything in the program, libraries too, and the C library.
//
// Nothing waits for a disk here: a sync only notes what would be there after it. So a power cut is
// known to the byte, whatever the machine does.
//
// Removals and listings by std::filesystem do not go through it.

#pragma once

#include <cstdint>
#include <filesystem>

namespace slipway {

// What of that which was not synced a power cut leaves. Names count when their directory was
// synced.
enum class Unsynced {
    lost,        // no bytes, no names
    names_kept,  // no bytes
    torn,        // the half of the bytes of each file; all names
    zeroed,      // the same, and in the place of most of the others zeros
};

class SystemCalls {
  public:
    // One at a time. What is in `directory` now is on the disk. A directory that is to be made in
    // it may have another's place.
    explicit SystemCalls(const std::filesystem::path& directory);
    SystemCalls(const SystemCalls&) = delete;
    SystemCalls& operator=(const SystemCalls&) = delete;
    ~SystemCalls();

    // Calls count from 1 from now on. Call `number` fails, with it all after it if the fault
    // `stays`, as where the power goes; a write puts the half of it there, if `half`. 0: none
    // fails.
    void fail(std::uint64_t number, bool stays, bool half);
    // Whether the call that is to fail was reached, and what it was.
    bool has_failed() const;
    const char* failed_call() const;

    // What is on the disk after a power cut now, in a new directory `into` elsewhere.
    void cut_power(const std::filesystem::path& into, Unsynced unsynced) const;
};

}  // namespace slipway
