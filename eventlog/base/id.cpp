#include "eventlog/base/id.h"

#include <array>

namespace slipway {

namespace {

constexpr std::string_view kAlphabet = "0123456789abcdefghjkmnpqrstvwxyz";
constexpr std::size_t kCharacters = 26;
constexpr unsigned kBitsPerCharacter = 5;

constexpr std::array<std::int8_t, 256> kValues = [] {
    std::array<std::int8_t, 256> values{};
    for (auto& value : values) value = -1;
    for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
        values[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::int8_t>(i);
    }
    return values;
}();

}  // namespace

void append_base32(std::string& out, Uuid uuid) {
    std::array<char, kCharacters> text;
    for (std::size_t i = kCharacters; i-- > 0;) {
        text[i] = kAlphabet[uuid.low & 31U];
        uuid.low = uuid.low >> kBitsPerCharacter | uuid.high << (64 - kBitsPerCharacter);
        uuid.high >>= kBitsPerCharacter;
    }
    out.append(text.data(), text.size());
}

std::string base32_of(Uuid uuid) {
    std::string out;
    append_base32(out, uuid);
    return out;
}

std::optional<Uuid> uuid_of_base32(std::string_view text) {
    // 26 characters hold 130 bits, so the first may not use its upper two.
    if (text.size() != kCharacters || text[0] > '7') return std::nullopt;
    Uuid uuid;
    for (const char c : text) {
        const auto value = kValues[static_cast<unsigned char>(c)];
        if (value < 0) return std::nullopt;
        uuid.high = uuid.high << kBitsPerCharacter | uuid.low >> (64 - kBitsPerCharacter);
        uuid.low = uuid.low << kBitsPerCharacter | static_cast<std::uint64_t>(value);
    }
    return uuid;
}

}  // namespace slipway
