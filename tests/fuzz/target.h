// A fuzz target: what is done with bytes that a stranger may have made, and what must be true of
// it whatever they are. A CHECK that does not hold ends the process, and the fuzzer keeps the
// bytes.
//
// One file, one target, defined at the top level of the file:
//
//     const FuzzTarget kTarget{"ids", [](std::string_view bytes) { … }};

#pragma once

#include <string_view>
#include <vector>

namespace slipway {

class FuzzTarget {
  public:
    // What `bytes` does may depend on nothing but them: the fuzzer comes back to what it has seen.
    using Run = void (*)(std::string_view bytes);

    FuzzTarget(std::string_view name, Run what);
    FuzzTarget(const FuzzTarget&) = delete;
    FuzzTarget& operator=(const FuzzTarget&) = delete;

    std::string_view name() const { return name_; }
    void run(std::string_view bytes) const { run_(bytes); }

    // Those of the program.
    static const std::vector<const FuzzTarget*>& all();

  private:
    std::string_view name_;
    Run run_;
};

}  // namespace slipway
