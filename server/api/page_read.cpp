#include "server/api/page_read.h"

#include "server/api/problem.h"

namespace slipway {

std::optional<Reply> PageRead::go_on(const Turn& turn) {
    if (!std::exchange(is_begun_, true)) {
        json_.begin_object();
        json_.key("result");
        json_.begin_array();
    }
    if (is_writing_) {
        const auto written = has_written(turn);
        if (!written) return problem(request_, written.error());
        if (!*written) return std::nullopt;
    }
    resume();
    do {
        const auto found = find(turn);
        if (!found) return problem(request_, found.error());
        if (*found == Found::turn_over) return std::nullopt;
        if (*found == Found::end) return finished({});
        if (is_full()) return finished(cursor());
        row_begin_ = json_.mark();
        const auto wanted = take(json_);
        if (!wanted) return problem(request_, wanted.error());
        has_taken_ = true;
        if (!*wanted) continue;
        const auto written = has_written(turn);
        if (!written) return problem(request_, written.error());
        if (!*written) return std::nullopt;
    } while (!turn.is_over());
    return std::nullopt;
}

// Writes the row that was taken to its end, or until the turn is over.
Result<bool> PageRead::has_written(const Turn& turn) {
    is_writing_ = true;
    auto written = write_on();
    for (; written && *written == Writing::goes_on; written = write_on()) {
        if (turn.is_over()) return false;
    }
    if (!written) return written.error();
    is_writing_ = false;
    if (*written == Writing::gone) {
        json_.back_to(row_begin_);
    } else {
        ++rows_;
    }
    return true;
}

bool PageRead::is_full() const {
    if (limit_ == kWhole || !has_taken_) return false;
    return rows_ >= limit_ || body_.size() >= kPageBytesMax || is_enough();
}

Reply PageRead::finished(const std::string& next_cursor) {
    json_.end_array();
    json_.key("next_cursor");
    if (next_cursor.empty()) {
        json_.null();
    } else {
        json_.value(next_cursor);
    }
    json_.end_object();
    body_ += '\n';
    Reply reply;
    reply.body = std::move(body_);
    reply.shows = shows();
    return reply;
}

Reply reading(const Call& call, std::shared_ptr<PageRead> read) {
    Reply reply;
    if (call.request.head) {
        reply.is_head_only = true;
    } else {
        reply.rest = std::move(read);
    }
    return reply;
}

}  // namespace slipway
