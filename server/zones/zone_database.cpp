#include "server/zones/zone_database.h"

#include "eventlog/base/ascii.h"
#include "eventlog/base/digest.h"
#include "eventlog/base/durable_file.h"
#include "server/zones/tzif.h"

#include <algorithm>
#include <array>

// tzdata.zi is the text that the zone files were compiled from, abbreviated. Of it we read:
//   # version 2026f               the first line
//   Z Europe/Berlin 0:53:28 …     a zone
//   L Etc/UTC UTC                 a link: what it is to, and its name

namespace slipway {

namespace {

constexpr std::string_view kIndexName = "tzdata.zi";
constexpr std::string_view kVersionMark = "# version ";
constexpr std::size_t kIndexBytesMax = 4 * 1024 * 1024;  // it has 0.1 MiB
constexpr std::size_t kNameBytesMax = 64;                // the longest has 32
constexpr std::size_t kVersionBytesMax = 32;
constexpr std::string_view kNoPlace = "Factory";  // says that no zone was chosen
constexpr int kLinkHopsMax = 8;                   // links to links are rare, and a cycle must end

bool is_name_character(char c) {
    return (lower_case(c) >= 'a' && lower_case(c) <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '+';
}

// A name is a path below the directory, and must stay there.
bool is_zone_name(std::string_view name) {
    if (name.empty() || name.size() > kNameBytesMax) return false;
    bool after_slash = true;
    for (const char c : name) {
        if (!is_name_character(c) && (c != '/' || after_slash)) return false;
        after_slash = c == '/';
    }
    return !after_slash;
}

// What tzdata.zi says; borrowed from its text.
struct Index {
    std::string_view version;
    std::vector<std::string_view> zones;
    std::unordered_map<std::string_view, std::string_view> links;  // name to target
};

Result<std::string_view> parse_version(std::string_view line) {
    const bool marked = line.substr(0, kVersionMark.size()) == kVersionMark;
    const auto version = marked ? line.substr(kVersionMark.size()) : std::string_view{};
    const bool plain = std::all_of(version.begin(), version.end(),
                                   [](char c) { return is_name_character(c) || c == '.'; });
    if (version.empty() || version.size() > kVersionBytesMax || !plain) {
        return Error{ErrorCode::invalid, "line 1 has no version, expected \"# version 2026f\""};
    }
    return version;
}

Result<Index> parse_index(std::string_view text) {
    Index index;
    for (int number = 1; !text.empty(); ++number) {
        std::string_view line = cut_off(text, '\n');
        if (number == 1) {
            const auto version = parse_version(line);
            if (!version) return version.error();
            index.version = *version;
            continue;
        }
        const auto keyword = cut_off(line, ' ');
        if (keyword != "Z" && keyword != "L") continue;
        const auto first = cut_off(line, ' ');
        const auto second = keyword == "L" ? cut_off(line, ' ') : first;
        if (!is_zone_name(first) || !is_zone_name(second)) {
            return Error{ErrorCode::corruption, "line " + std::to_string(number) +
                                                    ": what should be the name of a zone is none"};
        }
        if (second == kNoPlace) continue;
        if (keyword == "Z") {
            index.zones.push_back(first);
        } else {
            index.links.emplace(second, first);
        }
    }
    if (index.version.empty()) return Error{ErrorCode::corruption, "it is empty"};
    return index;
}

// What `name` is a link to, at last; nothing if the links go in a circle.
std::optional<std::string_view> target_of(std::string_view name, const Index& index) {
    for (int hops = 0; hops <= kLinkHopsMax; ++hops) {
        const auto link = index.links.find(name);
        if (link == index.links.end()) return name;
        name = link->second;
    }
    return std::nullopt;
}

Error prefixed(const std::filesystem::path& path, const Error& error) {
    return {error.code, "zones: " + path.string() + ": " + error.message};
}

Result<std::string> read_zone_file(const std::filesystem::path& path, std::size_t bytes_max) {
    if (const auto there = is_there(path); there && !*there) {
        return Error{ErrorCode::not_found, "zones: " + path.string() + ": No such file"};
    }
    auto bytes = read_file(path, bytes_max);
    return bytes ? bytes : Error{bytes.error().code, "zones: " + bytes.error().message};
}

}  // namespace

Result<std::unique_ptr<ZoneDatabase>> ZoneDatabase::load(const std::filesystem::path& directory) {
    const auto index_path = directory / kIndexName;
    const auto text = read_zone_file(index_path, kIndexBytesMax);
    if (!text) return text.error();
    const auto index = parse_index(*text);
    if (!index) return prefixed(index_path, index.error());

    std::unique_ptr<ZoneDatabase> database{new ZoneDatabase};
    database->version_ = index->version;
    Digest digest = sha256(*text);
    for (const auto name : index->zones) {
        const auto path = directory / name;
        const auto bytes = read_zone_file(path, kTzifBytesMax);
        if (!bytes && bytes.error().code == ErrorCode::not_found) continue;
        if (!bytes) return bytes.error();
        digest = sha256(bytes_of(digest), *bytes);
        auto rules = parse_tzif(*bytes);
        if (!rules) return prefixed(path, rules.error());
        database->add(name, name, database->rules_.emplace_back(*std::move(rules)));
    }
    database->digest_ = hex_of(bytes_of(digest));
    if (database->rules_.empty()) {
        return Error{ErrorCode::not_found, "zones: " + directory.string() +
                                               ": none of the zones in tzdata.zi has a file"};
    }
    for (const auto& [name, first_target] : index->links) {
        const auto target = target_of(first_target, *index);
        if (!target) {
            return prefixed(index_path,
                            {ErrorCode::corruption, std::string{name} + " links to itself"});
        }
        if (const auto zone = database->find(*target)) {
            database->add(name, zone->canonical, *zone->rules);
        }
    }
    if (!database->find("UTC")) {
        database->add(
            "UTC", "UTC",
            database->rules_.emplace_back(Seconds{0}, std::vector<ZoneTransition>{}, std::nullopt));
    }
    return database;
}

void ZoneDatabase::add(std::string_view given, std::string_view canonical, const ZoneRules& rules) {
    const auto kept_given = kept(given);
    const auto kept_canonical = given == canonical ? kept_given : kept(canonical);
    zones_.emplace(kept(lower_case(given)), Zone{kept_given, kept_canonical, &rules});
}

std::string_view ZoneDatabase::kept(std::string_view text) {
    return names_.emplace_back(text);
}

std::optional<Zone> ZoneDatabase::find(std::string_view name) const {
    if (name.size() > kNameBytesMax) return std::nullopt;
    std::array<char, kNameBytesMax> lower;
    std::transform(name.begin(), name.end(), lower.begin(), [](char c) { return lower_case(c); });
    const auto zone = zones_.find(std::string_view{lower.data(), name.size()});
    if (zone == zones_.end()) return std::nullopt;
    return zone->second;
}

}  // namespace slipway
