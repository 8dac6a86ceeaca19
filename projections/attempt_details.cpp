#include "projections/attempt_details.h"

#include "eventlog/events/codec.h"

#include <utility>

namespace slipway {

namespace {

template <class E>
concept BringsDetail = requires(E& event) {
    event.number;
    event.detail;
};

Result<std::string> detail_in(const EventLog& log, Position position) {
    const auto record = log.read(position);
    if (!record) return record.error();
    auto recorded = decode(position, record->payload);
    if (!recorded) return recorded.error();
    return std::visit(
        []<class E>(E& event) {
            if constexpr (BringsDetail<E>) return std::move(event.detail);
            return std::string{};
        },
        recorded->event);
}

}  // namespace

std::string AttemptDetails::of(const Attempt& attempt) {
    if (attempt.is_detail_in_memory()) return attempt.detail;
    auto detail = detail_in(log_, attempt.detail_at);
    if (detail) return std::move(*detail);
    if (!error_) error_ = detail.error();
    return {};
}

}  // namespace slipway
