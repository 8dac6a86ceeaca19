// CHECK says what only a bug can make false: it prints the file, the line and the text, and aborts,
// in every build. It is never for input. A crash is safe here: the log is the truth, and a restart
// is a tested path.

#pragma once

namespace slipway {

[[noreturn]] void check_failed(const char* file, int line, const char* condition) noexcept;

}  // namespace slipway

#define CHECK(condition) \
    ((condition) ? static_cast<void>(0) : ::slipway::check_failed(__FILE__, __LINE__, #condition))
