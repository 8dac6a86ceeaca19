// What libFuzzer calls: the one target that it was linked with.

#include "eventlog/base/check.h"
#include "tests/fuzz/target.h"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto& targets = slipway::FuzzTarget::all();
    CHECK(targets.size() == 1);
    targets.front()->run({reinterpret_cast<const char*>(data), size});
    return 0;
}
