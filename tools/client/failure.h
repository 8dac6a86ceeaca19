// What the program ends with, and why.

#pragma once

#include <string>

namespace slipway {

enum ExitCode {
    kDone = 0,
    kUsage = 1,           // the command line, a setting or a file is not right; nothing was asked
    kRefused = 2,         // the server refused the request
    kNotFound = 3,        // there is no such thing, or it is not the team's
    kConflict = 4,        // the state or the version does not allow it
    kNotAllowed = 5,      // no good token, or its role does not allow it
    kUnavailable = 6,     // no connection, no answer, or the server could not answer
    kEndedOtherwise = 7,  // what was watched ended, but not in success
};

struct Failure {
    int exit_code = kUsage;
    std::string message;  // one line or several, without the program's name
};

// For an answer of the server with this status.
ExitCode exit_code_of(int status);

// For --help.
inline constexpr const char* kExitCodesText =
    "Exit codes:\n"
    "  0  done\n"
    "  1  the command line, a setting or a file is not right; nothing was asked\n"
    "  2  the server refused the request (4xx)\n"
    "  3  not found (404)\n"
    "  4  the state or the version does not allow it (409, 412)\n"
    "  5  not allowed: no good token, or its role (401, 403)\n"
    "  6  the server is not available: no connection, no answer, 5xx\n"
    "  7  what was watched ended, but not in success";

}  // namespace slipway
