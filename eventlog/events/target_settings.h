// The settings of a target, whatever its kind is: pairs of a name and a value, sorted by name.
// Released events store the one setting of a webhook in a field of its own, Target::url. These
// functions are the only ones that know it; everything else reads settings.

#pragma once

#include "eventlog/events/app_events.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace slipway {

using TargetSettings = std::vector<std::pair<std::string, std::string>>;

TargetSettings settings_of(const Target& target);

// Requires: `settings` are sorted, and those that the kind of `target` has.
void set_settings(Target& target, TargetSettings settings);

// Null if there is none of that name.
const std::string* find_setting(const TargetSettings& settings, std::string_view name);

}  // namespace slipway
