#include "server/engine/kind_rules.h"

#include "eventlog/base/quote.h"
#include "eventlog/events/target_settings.h"

#include <algorithm>
#include <utility>

namespace slipway {

namespace {

void add(std::vector<SettingFlaw> flaws, std::vector<FieldError>& errors) {
    for (SettingFlaw& flaw : flaws) {
        errors.push_back({"/target/" + pointer_segment(flaw.setting), RejectionCode::invalid_field,
                          std::move(flaw.detail)});
    }
}

}  // namespace

void KindRules::check(const Target& target, std::vector<FieldError>& errors) const {
    const Executor& executor = kinds_.at(target.kind);
    const TargetSettings settings = settings_of(target);
    add(check_fields(executor.description(), settings), errors);
    add(executor.validate(settings), errors);
}

std::string KindRules::origin(const Target& target) const {
    return kinds_.at(target.kind).origin(settings_of(target));
}

std::string KindRules::summary(const Target& target) const {
    return kinds_.at(target.kind).summary(settings_of(target));
}

std::optional<std::string> KindRules::resend_reason(const Target& target) const {
    const Description& description = kinds_.at(target.kind).description();
    if (description.after_interruption != AfterInterruption::resend) return std::nullopt;
    return std::string{description.resend_reason};
}

bool KindRules::sets_header(std::string_view name) const {
    return std::ranges::any_of(kinds_.all(), [name](const Executor* executor) {
        return std::ranges::any_of(executor->description().headers, [name](std::string_view start) {
            return name.starts_with(start);
        });
    });
}

}  // namespace slipway
