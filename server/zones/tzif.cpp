#include "server/zones/tzif.h"

#include "server/zones/posix_zone.h"

#include <array>
#include <bit>

// A file, version 2 on:                     A block; `wide` is 4 bytes, in the second 8:
//   header  44 bytes                          transitions    time_count * wide
//   block   of 32-bit times, skipped          kinds of them  time_count
//   header  44 bytes                          local times    type_count * 6
//   block   of 64-bit times                   designations   char_count
//   footer  \n POSIX zone \n                  leap seconds   leap_count * (wide + 4)
//                                             std indicators std_count
// Version 1 ends after its first block.       UT indicators  ut_count

namespace slipway {

namespace {

constexpr std::size_t kHeaderBytes = 44;
constexpr std::size_t kCountsAt = 20;
constexpr std::size_t kLocalTimeBytes = 6;
constexpr std::size_t kTypesMax = 256;  // a kind is one byte

Error damaged(std::string what) {
    return {ErrorCode::corruption, std::move(what)};
}

// The big-endian number at `at`. Requires: it lies within `bytes`.
template <class Number>
Number number_at(std::string_view bytes, std::size_t at) {
    std::make_unsigned_t<Number> value = 0;
    for (std::size_t i = 0; i < sizeof(Number); ++i) {
        const auto byte = static_cast<unsigned char>(bytes[at + i]);
        value = static_cast<std::make_unsigned_t<Number>>(value << 8) | byte;
    }
    return static_cast<Number>(value);
}

// The counts of a header, in the order of the file.
struct Header {
    char version;
    std::uint64_t ut_count;
    std::uint64_t std_count;
    std::uint64_t leap_count;
    std::uint64_t time_count;
    std::uint64_t type_count;
    std::uint64_t char_count;

    // No sum of six 32-bit counts, each times 12 at most, comes near to 64 bits.
    std::uint64_t block_bytes(std::size_t wide) const {
        return time_count * (wide + 1) + type_count * kLocalTimeBytes + char_count +
               leap_count * (wide + 4) + std_count + ut_count;
    }
};

Result<Header> parse_header(std::string_view bytes) {
    if (bytes.size() < kHeaderBytes) {
        return damaged("the header has " + std::to_string(bytes.size()) + " bytes, expected " +
                       std::to_string(kHeaderBytes));
    }
    if (bytes.substr(0, 4) != "TZif") return damaged("the first bytes are not \"TZif\"");
    const char version = bytes[4];
    if (version != '\0' && (version < '2' || version > '9')) {
        return damaged("the version is byte " +
                       std::to_string(static_cast<unsigned char>(version)) +
                       ", expected 0 or a digit from 2");
    }
    std::array<std::uint64_t, 6> counts;
    for (std::size_t i = 0; i < counts.size(); ++i) {
        counts[i] = number_at<std::uint32_t>(bytes, kCountsAt + 4 * i);
    }
    return Header{version, counts[0], counts[1], counts[2], counts[3], counts[4], counts[5]};
}

// A header and its block, which is whole; `rest` follows them.
struct Section {
    Header header;
    std::string_view block;
    std::string_view rest;
};

Result<Section> parse_section(std::string_view bytes, std::size_t wide) {
    const auto header = parse_header(bytes);
    if (!header) return header.error();
    const auto body = bytes.substr(kHeaderBytes);
    const auto expected = header->block_bytes(wide);
    if (expected > body.size()) {
        return damaged("the data after a header has " + std::to_string(body.size()) +
                       " bytes, its counts say " + std::to_string(expected));
    }
    const auto size = static_cast<std::size_t>(expected);
    return Section{*header, body.substr(0, size), body.substr(size)};
}

Result<void> check_counts(const Header& header) {
    if (header.leap_count != 0) {
        return Error{ErrorCode::invalid, "it counts " + std::to_string(header.leap_count) +
                                             " leap seconds, expected none; the files outside of "
                                             "right/ have none"};
    }
    if (header.type_count == 0 || header.type_count > kTypesMax) {
        return damaged("it has " + std::to_string(header.type_count) +
                       " local time types, expected 1 to " + std::to_string(kTypesMax));
    }
    if (header.char_count == 0) return damaged("it has no designations, expected one");
    for (const auto count : {header.std_count, header.ut_count}) {
        if (count != 0 && count != header.type_count) {
            return damaged("it has " + std::to_string(count) + " indicators, expected none or " +
                           std::to_string(header.type_count));
        }
    }
    return {};
}

Result<std::vector<Seconds>> parse_offsets(const Header& header, std::string_view types) {
    std::vector<Seconds> offsets;
    offsets.reserve(static_cast<std::size_t>(header.type_count));
    for (std::size_t at = 0; at < header.type_count * kLocalTimeBytes; at += kLocalTimeBytes) {
        const Seconds offset{number_at<std::int32_t>(types, at)};
        if (offset >= kOffsetMax || offset <= -kOffsetMax) {
            return damaged("an offset is " + std::to_string(offset.count()) +
                           " seconds, expected less than 26 hours");
        }
        const auto is_daylight = static_cast<unsigned char>(types[at + 4]);
        const auto designation = static_cast<unsigned char>(types[at + 5]);
        if (is_daylight > 1) {
            return damaged("a daylight mark is " + std::to_string(is_daylight) +
                           ", expected 0 or 1");
        }
        if (designation >= header.char_count) {
            return damaged("a designation is at " + std::to_string(designation) + " of " +
                           std::to_string(header.char_count));
        }
        offsets.push_back(offset);
    }
    return offsets;
}

// Leaves out the transitions that change only the name of a time.
Result<std::vector<ZoneTransition>> parse_transitions(const Section& section, std::size_t wide,
                                                      const std::vector<Seconds>& offsets) {
    const auto count = static_cast<std::size_t>(section.header.time_count);
    std::vector<ZoneTransition> transitions;
    std::int64_t previous = 0;
    auto offset = offsets.front();
    for (std::size_t i = 0; i < count; ++i) {
        const auto time = wide == 8 ? number_at<std::int64_t>(section.block, 8 * i)
                                    : number_at<std::int32_t>(section.block, 4 * i);
        const auto type = static_cast<unsigned char>(section.block[wide * count + i]);
        if (i > 0 && time <= previous) {
            return damaged("transition " + std::to_string(i + 1) + " is at " +
                           std::to_string(time) + ", expected after " + std::to_string(previous));
        }
        if (type >= offsets.size()) {
            return damaged("transition " + std::to_string(i + 1) + " is to type " +
                           std::to_string(type) + ", there are " + std::to_string(offsets.size()));
        }
        if (time > kTransitionMax.time_since_epoch().count()) {
            return damaged("transition " + std::to_string(i + 1) + " is at " +
                           std::to_string(time) + ", expected before the year " +
                           std::to_string(kRulesYearMax));
        }
        previous = time;
        // The last one stays in any case: the footer speaks from there on.
        if (offsets[type] == offset && i + 1 < count) continue;
        offset = offsets[type];
        transitions.push_back({date::sys_seconds{Seconds{time}}, offset});
    }
    transitions.shrink_to_fit();
    return transitions;
}

Result<std::optional<YearlyRules>> parse_footer(std::string_view bytes) {
    if (bytes.empty() || bytes.front() != '\n') {
        return damaged("the footer does not begin with a new line");
    }
    const auto end = bytes.find('\n', 1);
    if (end == std::string_view::npos) return damaged("the footer does not end with a new line");
    const auto text = bytes.substr(1, end - 1);
    if (text.empty()) return std::optional<YearlyRules>{};
    const auto rules = parse_posix_zone(text);
    if (!rules) return damaged("footer: " + rules.error().message);
    return std::optional<YearlyRules>{*rules};
}

}  // namespace

Result<ZoneRules> parse_tzif(std::string_view bytes) {
    std::size_t wide = 4;
    auto section = parse_section(bytes, wide);
    if (!section) return section.error();
    const bool has_footer = section->header.version != '\0';
    if (has_footer) {
        wide = 8;
        section = parse_section(section->rest, wide);
        if (!section) return section.error();
    }
    if (auto checked = check_counts(section->header); !checked) return checked.error();
    const auto times_bytes = static_cast<std::size_t>(section->header.time_count) * (wide + 1);
    const auto offsets = parse_offsets(section->header, section->block.substr(times_bytes));
    if (!offsets) return offsets.error();
    const auto transitions = parse_transitions(*section, wide, *offsets);
    if (!transitions) return transitions.error();
    std::optional<YearlyRules> yearly;
    if (has_footer) {
        const auto footer = parse_footer(section->rest);
        if (!footer) return footer.error();
        yearly = *footer;
    }
    return ZoneRules{offsets->front(), *transitions, yearly};
}

}  // namespace slipway
