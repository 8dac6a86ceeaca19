// ProvenChain finds the beginning of a damaged log that can be proved: its records from the first
// on, for as long as each follows from the one before.
//
// A position may be there more than once, as old and new bytes of one table do. Then each of them
// is the end of a branch, until the records behind it show which one was written. Even of a single
// branch the last record is held back: if the next one does not follow, one of the two was changed,
// and nobody knows which.
//
// Not thread-safe.

#pragma once

#include "eventlog/base/digest.h"
#include "eventlog/base/result.h"
#include "eventlog/base/strong.h"
#include "eventlog/log/keys.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace slipway {

// A record that may be the one that was written at its position.
struct Candidate {
    Position position;
    std::string bytes;
    Digest digest;
};

class ProvenChain {
  public:
    // Told of each candidate: either that it is proved, in the order of positions, or that it is
    // not. An error of `proved` ends the search, which returns it.
    struct Receiver {
        std::function<Result<void>(const Candidate&)> proved;
        std::function<void(const Candidate&)> unproved;
        std::function<void(const std::string&)> finding;  // for people: something is wrong
    };

    // `begin` is the beginning of the log. `anchor` says which record was durable, if it is there.
    ProvenChain(const Tail& begin, const std::optional<Tail>& anchor, Receiver receiver)
        : anchor_(anchor), receiver_(std::move(receiver)), end_(begin) {}

    // Takes the next candidate, in ascending order of positions.
    // Errors: those of the receiver; corruption (the anchor contradicts the chain).
    Result<void> take(Candidate candidate);
    // There are no more of them. Errors: as take().
    Result<void> finish();

    // The end of what is proved.
    const Tail& end() const { return end_; }

  private:
    // Candidates each of which follows from the one before, the first from what is proved.
    using Branch = std::vector<Candidate>;

    Result<void> settle_group();
    Result<std::vector<Branch>> extended(const std::vector<Candidate>& group) const;
    bool is_damaged_tip(const std::vector<Candidate>& group) const;
    Result<void> end_chain(bool contradicted);
    Result<void> prove(Branch& branch, std::size_t count);
    Result<void> prove(const Candidate& candidate);
    void leave(std::vector<Branch>& branches) const;

    bool is_anchored(const Candidate& candidate) const {
        return anchor_ && anchor_->position == candidate.position;
    }
    const Digest& tip_of(const Branch& branch) const {
        return branch.empty() ? end_.digest : branch.back().digest;
    }

    const std::optional<Tail> anchor_;
    const Receiver receiver_;
    Tail end_;
    std::vector<Branch> branches_{1};
    std::vector<Candidate> group_;  // all candidates of one position
    bool has_ended_ = false;
};

}  // namespace slipway
