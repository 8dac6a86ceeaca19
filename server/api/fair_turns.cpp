#include "server/api/fair_turns.h"

#include "eventlog/base/turn.h"

namespace slipway {

void FairTurns::ask(UserId client, Work work) {
    Queue& queue = queues_[client];
    if (queue.empty() && taking_ != client) order_.push_back(client);
    queue.push_back(std::move(work));
    ++waiting_;
    begin();
}

void FairTurns::begin() {
    if (std::exchange(is_begun_, true)) return;
    post_([this] { take_round(); });
}

void FairTurns::take_round() {
    const Turn round{clock_, kRoundTurns * kTurn};
    while (!order_.empty()) {
        take_one();
        if (round.is_over()) break;
    }
    is_begun_ = false;
    if (!order_.empty()) begin();
}

void FairTurns::take_one() {
    const UserId client = order_.front();
    order_.pop_front();
    taking_ = client;
    Queue& before = queues_[client];
    Work work = std::move(before.front());
    before.pop_front();
    --waiting_;
    const bool has_more = work();
    taking_.reset();
    Queue& queue = queues_[client];  // others may have asked meanwhile
    if (has_more) {
        queue.push_front(std::move(work));
        ++waiting_;
    }
    if (queue.empty()) {
        queues_.erase(client);
    } else {
        order_.push_back(client);
    }
}

}  // namespace slipway
