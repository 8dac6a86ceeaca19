#include "eventlog/base/check.h"

#include <cstdio>
#include <cstdlib>

namespace slipway {

void check_failed(const char* file, int line, const char* condition) noexcept {
    std::fprintf(stderr, "%s:%d: CHECK failed: %s\n", file, line, condition);
    std::fflush(stderr);
    std::abort();
}

}  // namespace slipway
