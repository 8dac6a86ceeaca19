// What the kernel says of this process, for the metrics `process_…` that each Prometheus client
// library has. Linux only. From any thread; some system calls.

#pragma once

#include <cstdint>

namespace slipway {

// What cannot be read is 0.
struct ProcessFigures {
    std::uint64_t resident_bytes = 0;
    std::uint64_t open_descriptors = 0;
    std::uint64_t descriptors_max = 0;
    double cpu_seconds = 0;    // user and system
    double start_seconds = 0;  // since 1970
};

ProcessFigures read_process_figures();

}  // namespace slipway
