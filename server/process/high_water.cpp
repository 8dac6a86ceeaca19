#include "server/process/high_water.h"

#include "eventlog/base/durable_file.h"

#include <charconv>

namespace slipway {

namespace {

constexpr std::string_view kFirstLine = "slipway high water 1\n";
constexpr std::size_t kIdCharacters = 26;
constexpr std::size_t kDigestCharacters = 64;

}  // namespace

HighWater high_water_of(const EventLog& log) {
    const Tail end = log.durable_end();
    return {log.log_id(), end.position, hex_of(bytes_of(end.digest))};
}

std::string text_of(const HighWater& mark) {
    return base32_of(mark.log_id) + ":" + std::to_string(mark.position.value) + ":" + mark.digest;
}

std::optional<HighWater> parse_high_water(std::string_view text) {
    const auto colon = text.rfind(':');
    if (text.size() <= kIdCharacters || text[kIdCharacters] != ':') return std::nullopt;
    if (colon <= kIdCharacters || text.size() - colon - 1 != kDigestCharacters) return std::nullopt;
    const auto log_id = uuid_of_base32(text.substr(0, kIdCharacters));
    HighWater mark;
    const char* const begin = text.data() + kIdCharacters + 1;
    const char* const end = text.data() + colon;
    const auto parsed = std::from_chars(begin, end, mark.position.value);
    if (!log_id || parsed.ec != std::errc{} || parsed.ptr != end) return std::nullopt;
    mark.log_id = *log_id;
    mark.digest = text.substr(colon + 1);
    return mark;
}

Result<std::optional<std::string>> contradiction(const EventLog& log, const HighWater& mark) {
    const auto found = [](std::string what) { return std::optional{std::move(what)}; };
    if (log.log_id() != mark.log_id) return found("it is another log");
    if (log.durable() < mark.position) {
        return found("it ends at position " + std::to_string(log.durable().value) +
                     ", and was seen up to " + std::to_string(mark.position.value));
    }
    const auto digest = log.digest_at(mark.position);
    if (!digest) return digest.error();
    if (hex_of(bytes_of(*digest)) == mark.digest) return std::optional<std::string>{};
    return found("position " + std::to_string(mark.position.value) + " is not what was seen there");
}

Result<std::optional<HighWater>> read_high_water(const std::filesystem::path& file) {
    const auto text = read_file(file);
    if (!text && text.error().code == ErrorCode::not_found) return std::optional<HighWater>{};
    if (!text) return Error{text.error().code, "high-water: " + text.error().message};
    // Made by somebody beforehand, to give it an owner.
    if (text->empty()) return std::optional<HighWater>{};
    std::optional<HighWater> mark;
    if (text->starts_with(kFirstLine) && text->ends_with('\n')) {
        const auto line = std::string_view{*text}.substr(kFirstLine.size());
        mark = parse_high_water(line.substr(0, line.empty() ? 0 : line.size() - 1));
    }
    if (mark) return mark;
    return Error{ErrorCode::invalid,
                 "high-water: " + file.string() +
                     " is not a file that --high-water-file wrote: name another, or remove it"};
}

Result<void> write_high_water(const std::filesystem::path& file, const HighWater& mark) {
    auto written = replace_file(file, std::string{kFirstLine} + text_of(mark) + "\n");
    if (written) return written;
    return Error{written.error().code, "high-water: " + written.error().message};
}

}  // namespace slipway
