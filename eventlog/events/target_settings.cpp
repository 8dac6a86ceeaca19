#include "eventlog/events/target_settings.h"

#include <algorithm>

namespace slipway {

namespace {

constexpr std::string_view kUrl = "url";

}  // namespace

TargetSettings settings_of(const Target& target) {
    return {{std::string{kUrl}, target.url}};
}

void set_settings(Target& target, TargetSettings settings) {
    const std::string* const url = find_setting(settings, kUrl);
    target.url = url == nullptr ? std::string{} : *url;
}

const std::string* find_setting(const TargetSettings& settings, std::string_view name) {
    const auto at = std::ranges::find(settings, name, &TargetSettings::value_type::first);
    return at == settings.end() ? nullptr : &at->second;
}

}  // namespace slipway
