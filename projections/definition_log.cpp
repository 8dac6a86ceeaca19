#include "projections/definition_log.h"

#include "eventlog/base/overloaded.h"
#include "eventlog/events/codec.h"

namespace slipway {

Result<AppDefinition> definition_in(const EventLog& log, AppId app, Version version) {
    const auto positions = log.stream_positions(app.uuid, version, 1, Order::ascending);
    if (!positions) return positions.error();
    const std::string name = "version " + std::to_string(version.value) + " of " + app.text();
    if (positions->empty()) {
        return Error{ErrorCode::unavailable, name + " is not durable yet; ask again"};
    }
    const auto record = log.read(positions->front());
    if (!record) return record.error();
    auto recorded = decode(positions->front(), record->payload);
    if (!recorded) return recorded.error();
    const Error missing{ErrorCode::not_found, "no definition came with " + name};
    if (recorded->envelope.stream_version != version) return missing;
    return std::visit(
        Overloaded{
            [](AppCreated& event) -> Result<AppDefinition> { return std::move(event.definition); },
            [](AppCloned& event) -> Result<AppDefinition> { return std::move(event.definition); },
            [](AppRevised& event) -> Result<AppDefinition> { return std::move(event.definition); },
            [&](auto&) -> Result<AppDefinition> { return missing; },
        },
        recorded->event);
}

Result<AppDefinition> newest_definition(const EventLog& log, const App& app) {
    if (!app.is_outline) return app.definition();
    return definition_in(log, app.id, app.definition_version());
}

}  // namespace slipway
