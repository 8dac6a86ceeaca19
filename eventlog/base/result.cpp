#include "eventlog/base/result.h"

namespace slipway {

std::string_view name_of(ErrorCode code) {
    switch (code) {
        case ErrorCode::unavailable:
            return "unavailable";
        case ErrorCode::disk_low:
            return "disk_low";
        case ErrorCode::timed_out:
            return "timed_out";
        case ErrorCode::fenced:
            return "fenced";
        case ErrorCode::indeterminate:
            return "indeterminate";
        case ErrorCode::io:
            return "io";
        case ErrorCode::corruption:
            return "corruption";
        case ErrorCode::not_found:
            return "not_found";
        case ErrorCode::invalid:
            return "invalid";
    }
    CHECK(false);
    return {};
}

}  // namespace slipway
