#include "tests/simulation/simulation.h"

#include "eventlog/events/codec.h"
#include "eventlog/events/event_json.h"
#include "tests/simulation/process.h"
#include "tests/support/store_place.h"

#include <array>
#include <utility>

namespace slipway {

namespace {

using namespace std::chrono_literals;

// Before what is special about a calendar: the clocks of New York go forward, those of Berlin back,
// a leap day, the end of what 32 bits count, and a year that has no leap day though it is divisible
// by four.
const std::array kBeginnings = {kNoon,
                                instant("2027-03-14T05:30:00Z"),
                                instant("2027-10-30T23:30:00Z"),
                                instant("2028-02-28T22:30:00Z"),
                                instant("2038-01-19T02:30:00Z"),
                                instant("2099-12-31T22:30:00Z"),
                                instant("2100-02-28T22:30:00Z")};

}  // namespace

Simulation::Simulation(std::uint64_t seed)
    : random_(seed),
      storage_(seed % kDiskSeeds == 0 ? disk_storage(random_) : plain_storage(random_)) {
    clock_.time = kBeginnings[below(kBeginnings.size())];
    witness_.see_rules(*few_zones(), clock_.now());
    witness_.see_clock(clock_.now(), clock_.monotonic());
    auto log = std::move(*EventLog::over(std::move(*storage_->open()), Uuid{7, seed}));
    for (const RecordedEvent& one : world()) {
        CHECK(log->append({{one.envelope.stream, one.envelope.stream_version,
                            one.envelope.team.uuid, encode(one.envelope, one.event)}}));
        witness_.see(one);
    }
    log->flush();
    witness_.see_durable(log->durable());
    anchor_ = {log->durable(), *log->digest_at(log->durable())};
    log.reset();
    start();
}

Simulation::~Simulation() = default;

std::string Simulation::lately() const {
    constexpr std::size_t kShown = 25;
    const auto& all = history();
    std::string lines;
    for (std::size_t i = all.size() - std::min(all.size(), kShown); i < all.size(); ++i) {
        JsonWriter json{lines};
        write_json(json, all[i], nullptr);
        lines += '\n';
    }
    return lines;
}

void Simulation::step() {
    if (process_->has_failed && chance(10)) return die();
    struct Kind {
        std::uint64_t weight;
        void (Simulation::*happens)();
    };
    static constexpr std::array kKinds = {Kind{4, &Simulation::ask},
                                          Kind{1, &Simulation::ask_with_key},
                                          Kind{5, &Simulation::pass_time},
                                          Kind{9, &Simulation::tick},
                                          Kind{1, &Simulation::change_rules_now_and_then},
                                          Kind{1, &Simulation::suffer},
                                          Kind{6, &Simulation::hear_of_targets},
                                          Kind{1, &Simulation::hear_late},
                                          Kind{7, &Simulation::flush}};
    std::uint64_t all = 0;
    for (const Kind& kind : kKinds) all += kind.weight;
    std::uint64_t drawn = below(all);
    for (const Kind& kind : kKinds) {
        if (drawn < kind.weight) {
            (this->*kind.happens)();
            process_->carry_requests();
            return;
        }
        drawn -= kind.weight;
    }
}

// Whoever ticks may have read the clock before somebody set it back.
Instant Simulation::clock_as_read() {
    return clock_.now() + (chance(8) ? Millis{below(3'600'000)} : Millis{0});
}

void Simulation::tick() {
    const Instant read = clock_as_read();
    process_->engine->tick(read);
    if (process_->has_failed) return;
    if (read == clock_.now()) witness_.see_ticked(process_->state(), clock_.now());
    if (process_->engine->are_zone_rules_settled()) witness_.see_resolved(process_->state());
}

void Simulation::hear_of_targets() {
    process_->targets.go_on();
}

void Simulation::hear_late() {
    if (chance(2)) return report();
    tell_outcome_again();
}

void Simulation::change_rules_now_and_then() {
    if (chance(10)) change_rules();
}

// The next process finds the same in the directory of zones.
void Simulation::change_rules() {
    ++rules_made_;
    eastward_ = std::chrono::minutes{30} * (static_cast<std::int64_t>(below(9)) - 4);
    witness_.see_rules(*few_zones(), clock_.now());
    process_->engine->take_zone_rules(rules());
}

std::unique_ptr<const Zones> Simulation::rules() const {
    return few_zones();
}

// By every second rules US/Eastern is no link to New York.
std::unique_ptr<FewZones> Simulation::few_zones() const {
    auto made = std::make_unique<FewZones>();
    if (rules_made_ % 2 == 0) {
        made->change_rules(version(), eastward_);
    } else {
        made->cut_link(version(), eastward_);
    }
    return made;
}

void Simulation::suffer() {
    if (chance(30)) return die();
    if (chance(60)) return damage();
}

// ---- The process

void Simulation::start() {
    ++starts_;
    auto refused = open_log();
    while (refused && broken().empty()) {
        if (storage_->has_failed()) {
            end_process(chance(2));  // the disk failed again
        } else if (!storage_->salvage()) {
            break;
        }
        refused = open_log();
    }
    if (refused) return witness_.fail("the log does not open: " + refused->message);
    Process& now = *process_;
    witness_.end_replay(now.log().durable());
    now.engine->observe([this](const RecordedEvent& recorded) { witness_.see(recorded); });
    now.log().on_durable([this, &now](Position position, const Result<void>& result) {
        if (result) {
            witness_.see_durable(position);
            while (now.engine->durable(position, Turn{clock_})) {
            }
        } else {
            now.has_failed = true;
            now.engine->fail(result.error());
        }
    });
    now.engine->recover();
    now.engine->tick(clock_.now());
}

std::optional<Error> Simulation::open_log() {
    process_ = std::make_unique<Process>(*this);
    witness_.begin_replay();
    auto store = storage_->open();
    if (!store) return store.error();
    auto opened = open_proven(std::move(*store), anchor_, clock_, [this](const Record& record) {
        const auto recorded = decode(record.position, record.payload);
        if (!recorded) witness_.fail("a record does not decode: " + recorded.error().message);
        if (!recorded || !witness_.replay(*recorded)) return false;
        process_->replayed->apply(*recorded);
        return true;
    });
    if (!opened) return opened.error();
    process_->serve(*this, std::move(*opened));
    return std::nullopt;
}

void Simulation::end_process(bool with_power) {
    storage_->stop();
    process_.reset();
    storage_->end(with_power);
}

void Simulation::die() {
    // All of it is durable now and then: the state that lived is the one that a replay gives.
    std::string fingerprint;
    if (!process_->has_failed && chance(2)) {
        process_->log().flush();
        if (!process_->has_failed) fingerprint = process_->state().fingerprint();
    }
    const std::size_t events = history().size();
    end_process(chance(2));
    if (chance(4)) storage_->fail_soon();
    start();
    // The start may have added to it.
    if (!broken().empty() || fingerprint.empty() || history().size() != events) return;
    State replayed;
    for (const RecordedEvent& one : history()) replayed.apply(one);
    if (replayed.fingerprint() != fingerprint) witness_.fail("a replay gives another state");
}

void Simulation::flush() {
    // A write may fail, and be there or not; the process may die before it has heard.
    if (chance(150)) storage_->fail_soon();
    const Position before = process_->log().durable();
    const bool had_failed = process_->has_failed;
    process_->log().flush();
    const bool is_more = process_->log().durable() != before;
    if (process_->has_failed && is_more) {
        witness_.fail(had_failed ? "the log goes on after a write that failed"
                                 : "the log says that a write that failed is durable");
    }
    if (!process_->has_failed && chance(20)) keep_anchor();
}

void Simulation::keep_anchor() {
    const Position durable = process_->log().durable();
    // The disk may fail in this, too.
    if (const auto digest = process_->log().digest_at(durable)) anchor_ = {durable, *digest};
}

// Something is changed while the process is down: the start must say so, or find all as it was.
void Simulation::damage() {
    keep_anchor();
    const Tail end = anchor_;
    if (process_->has_failed || end.position != process_->log().durable()) return;
    end_process(false);
    check_damaged(storage_->damage(end.position), end);
    storage_->repair();
    start();
}

void Simulation::check_damaged(const std::string& named, const Tail& end) {
    std::string said;
    auto store = storage_->open();
    if (!store) {
        said = store.error().message;
    } else {
        std::size_t count = 0;
        const auto opened = open_proven(std::move(*store), end, clock_, [&](const Record& record) {
            const auto recorded = decode(record.position, record.payload);
            if (recorded && *recorded == history()[count]) ++count;
            return true;
        });
        if (!opened) {
            said = opened.error().message;
        } else if (count != end.position.value) {
            witness_.fail("a changed byte gives another log");
        } else if (const auto indexes = (*opened)->count_indexes(); !indexes) {
            said = indexes.error().message;
        } else if (indexes->streams != count) {
            witness_.fail("a changed byte gives another index");
        } else if (named.empty()) {
            return;  // it is of nothing that counts
        }
    }
    if (said.empty() || said.find(named) == std::string::npos) {
        witness_.fail("a changed record is not named: " + named + ": \"" + said + '"');
    }
}

// ---- Time

void Simulation::pass_time() {
    if (chance(100)) return set_clock();
    if (chance(200)) drift_ = chance(2) ? 0 : static_cast<std::int64_t>(below(401)) - 200;
    Millis most{chance(4) ? 20min : 2s};
    if (chance(100)) most = 24h * 20;
    if (chance(400)) most = 24h * 400;
    let_pass(Millis{below(static_cast<std::uint64_t>(most.count()))});
}

// Somebody does, or something that should know better.
void Simulation::set_clock() {
    const Millis some{below(7'200'000)};
    const std::array jumps = {-some,           -some, Millis{-1h}, Millis{1h}, Millis{-24h * 20},
                              Millis{24h * 20}};
    clock_.set_by += jumps[below(jumps.size())];
    witness_.see_clock(clock_.now(), clock_.monotonic());
}

void Simulation::let_pass(Millis duration) {
    clock_.time += duration + duration * drift_ / 1'000;
    witness_.see_clock(clock_.now(), clock_.monotonic());
}

void Simulation::settle() {
    drift_ = 0;
    go_on(1'000, 1min);
    go_on(1'000, 24h);
    // What came due last has time enough, too.
    const Instant last = clock_.now();
    go_on(1'000, 1min);
    if (!broken().empty()) return;
    process_->engine->tick(clock_.now());
    witness_.see_settled(process_->state(), last);
}

void Simulation::go_on(int ticks, Millis apart) {
    for (int i = 0; i < ticks && broken().empty(); ++i) {
        // The last fault may still be on its way.
        while (process_->has_failed) {
            die();
            if (!broken().empty()) return;
        }
        if (process_->state().installation().is_held()) submit(ArmDispatch{});
        process_->log().flush();
        process_->engine->tick(clock_.now());
        process_->log().flush();
        process_->carry_requests();
        for (int j = 0; j < 8; ++j) process_->targets.go_on();
        let_pass(apart);
    }
}

}  // namespace slipway
