#include "eventlog/log/group_commit.h"

#include "eventlog/base/check.h"
#include "eventlog/log/record.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace slipway {

namespace {

std::size_t payload_bytes(const std::vector<NewRecord>& records) {
    std::size_t bytes = 0;
    for (const auto& record : records) bytes += record.payload.size();
    return bytes;
}

std::size_t queue_limit(Urgency urgency) {
    switch (urgency) {
        case Urgency::normal:
            break;
        case Urgency::due:
            return kQueueBytesMax + kQueueReserveBytes / 2;
        case Urgency::closing:
            return kQueueBytesMax + kQueueReserveBytes;
    }
    return kQueueBytesMax;
}

}  // namespace

GroupCommit::GroupCommit(Store& store, const Tail& tail)
    : store_(store), next_before_(tail.position), durable_(tail) {}

Result<Position> GroupCommit::enqueue(std::vector<NewRecord> records, Urgency urgency) {
    CHECK(!records.empty());
    const std::size_t bytes = payload_bytes(records);
    {
        const std::lock_guard lock{mutex_};
        if (sealed_) return *sealed_;
        if (queued_bytes_ + bytes > queue_limit(urgency)) {
            return Error{ErrorCode::unavailable, "log: too much waits to be written; try again"};
        }
        queued_bytes_ += bytes;
        next_before_.value += records.size();
        queue_.push_back({next_before_, std::move(records), {}, {}, bytes});
    }
    return next_before_;
}

void GroupCommit::attach(const Together& together, Position unit, Note note,
                         std::vector<std::string> outdated) {
    CHECK(together.lock_.mutex() == &together_);
    const std::lock_guard lock{mutex_};
    // It is the last one, or close to it.
    const auto queued = std::find_if(queue_.rbegin(), queue_.rend(),
                                     [&](const Unit& one) { return one.end == unit; });
    CHECK(queued != queue_.rend());
    const std::size_t bytes = note.key.size() + note.value.size();
    queued->bytes += bytes;
    queued_bytes_ += bytes;
    queued->notes.push_back(std::move(note));
    std::move(outdated.begin(), outdated.end(), std::back_inserter(queued->removals));
}

std::vector<GroupCommit::Unit> GroupCommit::take_group() {
    const std::lock_guard together{together_};
    const std::lock_guard lock{mutex_};
    std::vector<Unit> group;
    std::size_t bytes = 0;
    while (!queue_.empty()) {
        const std::size_t more = queue_.front().bytes;
        if (!group.empty() && bytes + more > kGroupBytesMax) break;
        bytes += more;
        group.push_back(std::move(queue_.front()));
        queue_.pop_front();
    }
    queued_bytes_ -= bytes;
    // What is left does not wait to be woken again.
    if (!queue_.empty()) woken_ = true;
    return group;
}

WriteBatch GroupCommit::batch_of(std::vector<Unit>& group, Tail& tail) const {
    WriteBatch batch;
    batch.follows = tail_value(tail);
    for (Unit& unit : group) {
        for (const NewRecord& record : unit.records) {
            ++tail.position.value;
            const Digest previous = tail.digest;
            batch.puts.emplace_back(
                event_key(tail.position),
                record_bytes(tail.position, record.payload, previous, tail.digest));
            batch.puts.emplace_back(stream_key(record.stream, record.version),
                                    position_value(tail.position));
            if (!record.team.is_nil()) {
                batch.puts.emplace_back(team_key(record.team, tail.position), std::string{});
            }
        }
        for (Note& note : unit.notes) {
            batch.puts.emplace_back(std::move(note.key), std::move(note.value));
        }
        std::move(unit.removals.begin(), unit.removals.end(), std::back_inserter(batch.removals));
    }
    batch.puts.emplace_back(std::string{kTailKey}, tail_value(tail));
    return batch;
}

Result<Tail> GroupCommit::flush() {
    auto group = take_group();
    Tail tail = durable();
    {
        const std::lock_guard lock{mutex_};
        if (sealed_) return *sealed_;
    }
    if (group.empty()) return tail;
    const WriteBatch batch = batch_of(group, tail);
    const auto committed = store_.commit(batch);
    const std::lock_guard lock{mutex_};
    if (!committed) {
        sealed_ = committed.error();
        return *sealed_;
    }
    durable_ = tail;
    return tail;
}

void GroupCommit::seal(const Error& error) {
    const std::lock_guard lock{mutex_};
    if (!sealed_) sealed_ = error;
}

void GroupCommit::wait(std::chrono::milliseconds timeout) {
    std::unique_lock lock{mutex_};
    changed_.wait_for(lock, timeout, [this] { return woken_; });
    woken_ = false;
}

void GroupCommit::wake() {
    {
        const std::lock_guard lock{mutex_};
        woken_ = true;
    }
    changed_.notify_one();
}

bool GroupCommit::has_work() const {
    const std::lock_guard lock{mutex_};
    return !queue_.empty() && !sealed_;
}

GroupCommit::Waiting GroupCommit::waiting() const {
    const std::lock_guard lock{mutex_};
    return {queue_.size(), queued_bytes_};
}

Tail GroupCommit::durable() const {
    const std::lock_guard lock{mutex_};
    return durable_;
}

}  // namespace slipway
