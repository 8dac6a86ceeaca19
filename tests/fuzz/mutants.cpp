#include "tests/fuzz/mutants.h"

#include <array>

namespace slipway {

namespace {

constexpr std::size_t kChangesMax = 4;
constexpr std::size_t kPieceMax = 64;  // bytes
// Bytes that often decide: ends of ranges, signs, and what JSON and HTTP are made of.
constexpr std::array<unsigned char, 16> kBytes = {0,   1,   0x7F, 0x80, 0xFF, 0xC2, '"',  '\\',
                                                  '{', '}', '[',  ',',  '-',  '9',  '\n', ' '};

std::mt19937 seeded_by(std::string_view name) {
    std::seed_seq seed(name.begin(), name.end());
    return std::mt19937{seed};
}

}  // namespace

Mutants::Mutants(std::string_view name, std::string_view input, std::string_view other)
    : input_(input), other_(other), random_(seeded_by(name)) {}

std::string_view Mutants::piece_of(std::string_view text) {
    return text.substr(below(text.size()), 1 + below(kPieceMax));
}

void Mutants::change(std::string& bytes) {
    const std::size_t at = below(bytes.size());
    switch (below(6)) {
        case 0:
            if (!bytes.empty()) bytes[at] = static_cast<char>(bytes[at] ^ (1 << below(8)));
            return;
        case 1:
            if (!bytes.empty()) bytes[at] = static_cast<char>(kBytes[below(kBytes.size())]);
            return;
        case 2:
            bytes.erase(at, 1 + below(kPieceMax));
            return;
        case 3:
            bytes.insert(at, std::string{piece_of(bytes)});
            return;
        case 4:
            bytes.insert(at, piece_of(other_));
            return;
        default: {
            const std::string_view piece = piece_of(other_);
            bytes.replace(at, piece.size(), piece);
        }
    }
}

std::string Mutants::next() {
    std::string bytes{input_};
    const std::size_t changes = 1 + below(kChangesMax);
    for (std::size_t i = 0; i < changes; ++i) change(bytes);
    return bytes;
}

}  // namespace slipway
