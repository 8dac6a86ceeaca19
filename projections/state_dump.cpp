#include "projections/state_dump.h"

#include "projections/render.h"

namespace slipway {

namespace {

class Lines {
  public:
    explicit Lines(const std::function<bool(std::string_view)>& write) : write_(write) {}

    template <class Value>
    void add(std::string_view kind, const Value& value) {
        if (!is_wanted_) return;
        line_.clear();
        JsonWriter json{line_};
        json.begin_object();
        json.member("kind", kind);
        json.key("value");
        value(json);
        json.end_object();
        is_wanted_ = write_(line_);
        ++count_;
    }
    bool is_wanted() const { return is_wanted_; }
    std::uint64_t count() const { return count_; }

  private:
    const std::function<bool(std::string_view)>& write_;
    std::string line_;
    bool is_wanted_ = true;
    std::uint64_t count_ = 0;
};

template <class Id, class Value>
void dump_each(std::string_view kind, const std::map<Id, Value>& values, Lines& lines) {
    for (const auto& entry : values) {
        lines.add(kind, [&](JsonWriter& json) { write_json(json, entry.first, entry.second); });
    }
}

void dump_queue(const State& state, const DueQueue& queue, Lines& lines) {
    for (const auto& entry : queue) {
        const ScheduleRow& row = state.schedules().at(entry.row);
        if (!row.at_once && row.parent == kNoRow) {
            lines.add("scheduled_deployment",
                      [&](JsonWriter& json) { write_schedule(json, view_of(state), entry.row); });
        }
        if (has_run(view_of(state), entry.row)) {
            lines.add("deployment",
                      [&](JsonWriter& json) { write_deployment(json, view_of(state), entry.row); });
        }
    }
}

}  // namespace

bool dump_state(const State& state, const std::function<bool(std::string_view line)>& write) {
    Lines lines{write};
    lines.add("log", [&](JsonWriter& json) {
        json.begin_object();
        json.member("position", state.position().value);
        json.member("fingerprint", state.fingerprint());
        json.end_object();
    });
    lines.add("server", [&](JsonWriter& json) { write_json(json, state.installation()); });
    for (std::uint32_t i = 0; i < state.teams().size(); ++i) {
        const Team& team = state.teams().at(i);
        lines.add("team", [&](JsonWriter& json) { write_json(json, team); });
        dump_each("invitation", team.invitations, lines);
        dump_each("token", team.tokens, lines);
        dump_each("credential", team.credentials, lines);
        for (const auto index : state.apps().of_team(team.id)) {
            lines.add("app", [&](JsonWriter& json) { write_json(json, state.apps().at(index)); });
        }
        dump_queue(state, state.schedules().ended_of(team.id), lines);
        dump_queue(state, state.schedules().open_of(team.id), lines);
    }
    const std::uint64_t count = lines.count();
    lines.add("end", [&](JsonWriter& json) {
        json.begin_object();
        json.member("lines", count);
        json.end_object();
    });
    return lines.is_wanted();
}

}  // namespace slipway
