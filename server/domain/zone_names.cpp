#include "server/domain/zone_names.h"

#include "eventlog/base/ascii.h"
#include "server/domain/zone_names_table.h"

#include <algorithm>

namespace slipway {

namespace {

constexpr std::size_t kNameBytesMax = 80;  // the longest of the table has 60

// Folders of a directory of zone files that hold the same zones in another form.
constexpr std::string_view kOtherForms[] = {"posix/", "right/"};

std::string trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(' ');
    if (begin == std::string_view::npos) return {};
    return std::string{text.substr(begin, text.find_last_not_of(' ') + 1 - begin)};
}

std::string_view zones_in_table(const std::string& name) {
    const ZoneName* const end = kZoneNames + kZoneNamesCount;
    const auto* const at = std::lower_bound(
        kZoneNames, end, name,
        [](const ZoneName& entry, std::string_view wanted) { return entry.name < wanted; });
    return at == end || at->name != name ? std::string_view{} : at->zones;
}

}  // namespace

std::vector<std::string> zones_meant_by(std::string_view name, const Zones& zones) {
    std::vector<std::string> meant;
    if (name.size() > kNameBytesMax) return meant;
    const auto add = [&](std::string_view zone_name) {
        const auto zone = zones.find(zone_name);
        if (!zone || meant.size() >= kZonesMeantMax) return;
        std::string canonical{zone->canonical};
        if (std::find(meant.begin(), meant.end(), canonical) == meant.end()) {
            meant.push_back(std::move(canonical));
        }
    };
    std::string as_iana = lower_case(trimmed(name));
    std::string as_listed = as_iana;
    std::replace(as_iana.begin(), as_iana.end(), ' ', '_');
    std::replace(as_listed.begin(), as_listed.end(), '_', ' ');
    for (const std::string_view folder : kOtherForms) {
        if (as_iana.starts_with(folder)) as_iana.erase(0, folder.size());
    }
    add(as_iana);
    if (!meant.empty()) return meant;
    std::string_view listed = zones_in_table(as_listed);
    while (!listed.empty()) add(cut_off(listed, ' '));
    return meant;
}

}  // namespace slipway
