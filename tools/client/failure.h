// What the program ends with, and why.

#pragma once

#include <string>

namespace slipway {

inline constexpr int kDone = 0;
// The command line, a setting or a file is not right; nothing was changed.
inline constexpr int kUsage = 1;
inline constexpr int kRefused = 2;
inline constexpr int kNotFound = 3;
inline constexpr int kConflict = 4;
inline constexpr int kNotAllowed = 5;
inline constexpr int kUnavailable = 6;
inline constexpr int kEndedOtherwise = 7;

struct Failure {
    int exit_code = kUsage;
    std::string message;  // one line or several, without the program's name
};

// What stands for an answer of the server with this status.
int exit_code_of(int status);

// What they mean, for --help.
inline constexpr const char* kExitCodesText =
    "Exit codes:\n"
    "  0  done\n"
    "  1  the command line, a setting or a file is not right; nothing was changed\n"
    "  2  the server refused the request (4xx)\n"
    "  3  not found (404)\n"
    "  4  the state or the version does not allow it (409, 412)\n"
    "  5  not allowed: no good token, or its role (401, 403)\n"
    "  6  the server is not available: no connection, no answer, 5xx\n"
    "  7  what was watched ended, but not in success";

}  // namespace slipway
