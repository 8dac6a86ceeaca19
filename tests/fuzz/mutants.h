// Changed copies of an input, for tests that must do the same in every run: the name of the input
// is the seed. To look for new inputs, use a fuzzer (run.sh), which follows the branches.

#pragma once

#include <random>
#include <string>
#include <string_view>

namespace slipway {

class Mutants {
  public:
    // `name` is the seed; both texts must outlive the object. `other` is an input of the same
    // target, from which pieces are taken.
    Mutants(std::string_view name, std::string_view input, std::string_view other);

    // One to four changes: of a bit or a byte, or a piece removed, repeated, or taken from `other`.
    std::string next();

  private:
    std::size_t below(std::size_t bound) { return bound == 0 ? 0 : random_() % bound; }
    std::string_view piece_of(std::string_view text);
    void change(std::string& bytes);

    std::string_view input_;
    std::string_view other_;
    std::mt19937 random_;
};

}  // namespace slipway
