#include "eventlog/events/event.h"

#include "eventlog/base/type_name.h"

#include <array>

namespace slipway {

Event::Event() = default;
Event::Event(const Event&) = default;
Event::Event(Event&&) noexcept = default;
Event& Event::operator=(const Event&) = default;
Event& Event::operator=(Event&&) noexcept = default;
Event::~Event() = default;

bool operator==(const Event& a, const Event& b) {
    return static_cast<const EventVariant&>(a) == static_cast<const EventVariant&>(b);
}

namespace {

constexpr auto kTypeNames = []<class... Fact>(const std::variant<Fact...>*) {
    return std::array{name_of_type<Fact>()...};
}(static_cast<const EventVariant*>(nullptr));

// Calls `use` with the id of the object that `event` is about, or with nothing.
template <class Use>
auto with_object(const Event& event, const Use& use) {
    return std::visit(
        [&]<class Fact>(const Fact& fact) {
            if constexpr (requires { ScheduleId{fact.schedule}; })
                return use(fact.schedule);
            else if constexpr (requires { DeploymentId{fact.deployment}; })
                return use(fact.deployment);
            else if constexpr (requires { AppId{fact.app}; })
                return use(fact.app);
            else if constexpr (requires { TeamId{fact.team}; })
                return use(fact.team);
            else
                return use(nullptr);
        },
        static_cast<const EventVariant&>(event));
}

}  // namespace

std::string_view type_name(const Event& event) {
    return kTypeNames[event.index()];
}

std::vector<std::string_view> event_type_names() {
    return {kTypeNames.begin(), kTypeNames.end()};
}

Uuid stream_of(const Event& event) {
    return with_object(event, []<class T>(const T& id) {
        if constexpr (std::is_null_pointer_v<T>)
            return Uuid{};
        else
            return id.uuid;
    });
}

std::string stream_text(const Event& event) {
    return with_object(event, []<class T>(const T& id) {
        if constexpr (std::is_null_pointer_v<T>)
            return std::string{"server"};
        else
            return id.text();
    });
}

}  // namespace slipway
