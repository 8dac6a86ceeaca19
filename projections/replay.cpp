#include "projections/replay.h"

#include "eventlog/events/codec.h"

#include <utility>

namespace slipway {

LogReader::Visitor decoded(EventVisitor visit) {
    return [visit = std::move(visit)](const Record& record) -> Result<bool> {
        const auto recorded = decode(record.position, record.payload);
        if (!recorded) return recorded.error();
        return visit(*recorded, record);
    };
}

Result<void> replay(const LogReader& log, Position from, Position to, const EventVisitor& visit) {
    return log.scan(from, to, decoded(visit));
}

}  // namespace slipway
