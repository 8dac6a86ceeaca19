#include "tests/fuzz/target.h"

namespace slipway {

namespace {

std::vector<const FuzzTarget*>& targets() {
    static std::vector<const FuzzTarget*> all;
    return all;
}

}  // namespace

FuzzTarget::FuzzTarget(std::string_view name, Run what) : name_(name), run_(what) {
    targets().push_back(this);
}

const std::vector<const FuzzTarget*>& FuzzTarget::all() {
    return targets();
}

}  // namespace slipway
