#include "tools/log_reading/proven_chain.h"

#include "eventlog/log/record.h"

#include <algorithm>
#include <utility>

namespace slipway {

Result<void> ProvenChain::take(Candidate candidate) {
    if (!group_.empty() && group_.front().position != candidate.position) {
        if (auto settled = settle_group(); !settled) return settled;
    }
    group_.push_back(std::move(candidate));
    return {};
}

Result<void> ProvenChain::finish() {
    if (auto settled = settle_group(); !settled) return settled;
    return end_chain(false);
}

// All candidates of one position are there.
Result<void> ProvenChain::settle_group() {
    const auto group = std::exchange(group_, {});
    if (group.empty()) return {};
    const Position position = group.front().position;
    if (group.size() > 1) {
        receiver_.finding("log: position " + std::to_string(position.value) + " is there twice");
    }
    const std::uint64_t next = end_.position.value + branches_.front().size() + 1;
    if (!has_ended_ && position.value == next) {
        auto longer = extended(group);
        if (!longer) return longer.error();
        if (!longer->empty()) {
            branches_ = std::move(*longer);
            return branches_.size() > 1 ? Result<void>{}
                                        : prove(branches_.front(), branches_.front().size() - 1);
        }
    }
    if (auto ended = end_chain(position.value == next && !is_damaged_tip(group)); !ended) {
        return ended;
    }
    for (const auto& candidate : group) receiver_.unproved(candidate);
    return {};
}

// Whether only the digest of a candidate was damaged, so that nothing speaks against the record
// before.
bool ProvenChain::is_damaged_tip(const std::vector<Candidate>& group) const {
    return std::any_of(branches_.begin(), branches_.end(), [&](const Branch& branch) {
        return std::any_of(group.begin(), group.end(), [&](const Candidate& candidate) {
            return has_damaged_digest(tip_of(branch), {candidate.position, {}, candidate.digest},
                                      candidate.bytes);
        });
    });
}

// The branches that go on with one of `group`.
Result<std::vector<ProvenChain::Branch>> ProvenChain::extended(
    const std::vector<Candidate>& group) const {
    std::vector<Branch> longer;
    bool contradicted = false;
    for (const Branch& branch : branches_) {
        for (const Candidate& candidate : group) {
            const Record record{candidate.position, {}, candidate.digest};
            if (!follows(tip_of(branch), record, candidate.bytes)) continue;
            if (is_anchored(candidate) && anchor_->digest != candidate.digest) {
                contradicted = true;
                continue;
            }
            longer.push_back(branch);
            longer.back().push_back(candidate);
        }
    }
    if (!longer.empty() || !contradicted) return longer;
    return Error{ErrorCode::corruption,
                 "salvage: nothing can be proved: position " +
                     std::to_string(anchor_->position.value) +
                     " is not what the anchor says, so the log or the anchor was changed by "
                     "hand; restore from a dump, or from a copy of the directory"};
}

// Nothing goes on from the branches; `contradicted`: though there is something in that place.
Result<void> ProvenChain::end_chain(bool contradicted) {
    if (std::exchange(has_ended_, true)) return {};
    auto branches = std::exchange(branches_, {{}});
    if (branches.size() == 1) {
        Branch& only = branches.front();
        const bool doubtful = contradicted && !only.empty() && !is_anchored(only.back());
        if (doubtful) {
            receiver_.finding("log: position " + std::to_string(only.back().position.value) +
                              " and the one after it do not fit together: one of them was changed");
        }
        if (auto done = prove(only, only.size() - (doubtful ? 1 : 0)); !done) return done;
    }
    const auto begin_alike = [&] {
        return std::all_of(branches.begin(), branches.end(), [&](const Branch& branch) {
            return !branch.empty() && branch.front().bytes == branches.front().front().bytes;
        });
    };
    while (branches.size() > 1 && begin_alike()) {
        if (auto done = prove(branches.front().front()); !done) return done;
        for (Branch& branch : branches) branch.erase(branch.begin());
    }
    leave(branches);
    return {};
}

// Tells of what is in the branches, each candidate once.
void ProvenChain::leave(std::vector<Branch>& branches) const {
    std::vector<Candidate> left;
    for (Branch& branch : branches) {
        for (Candidate& candidate : branch) {
            const bool again = std::any_of(left.begin(), left.end(), [&](const Candidate& other) {
                return other.bytes == candidate.bytes;
            });
            if (!again) left.push_back(std::move(candidate));
        }
    }
    std::stable_sort(left.begin(), left.end(), [](const Candidate& one, const Candidate& other) {
        return one.position < other.position;
    });
    for (const auto& candidate : left) receiver_.unproved(candidate);
}

Result<void> ProvenChain::prove(Branch& branch, std::size_t count) {
    const auto end = branch.begin() + static_cast<std::ptrdiff_t>(count);
    for (auto at = branch.begin(); at != end; ++at) {
        if (auto done = prove(*at); !done) return done;
    }
    branch.erase(branch.begin(), end);
    return {};
}

Result<void> ProvenChain::prove(const Candidate& candidate) {
    if (auto done = receiver_.proved(candidate); !done) return done;
    end_ = {candidate.position, candidate.digest};
    return {};
}

}  // namespace slipway
