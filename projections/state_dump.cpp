#include "projections/state_dump.h"

#include "projections/render.h"

namespace slipway {

namespace {

class Lines {
  public:
    explicit Lines(const std::function<void(std::string_view)>& write) : write_(write) {}

    template <class Value>
    void add(std::string_view kind, const Value& value) {
        line_.clear();
        JsonWriter json{line_};
        json.begin_object();
        json.member("kind", kind);
        json.key("value");
        value(json);
        json.end_object();
        write_(line_);
    }

  private:
    const std::function<void(std::string_view)>& write_;
    std::string line_;
};

template <class Id, class Value>
void dump_each(std::string_view kind, const std::map<Id, Value>& values, Lines& lines) {
    for (const auto& [id, value] : values) {
        lines.add(kind, [&](JsonWriter& json) { write_json(json, id, value); });
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

void dump_state(const State& state, const std::function<void(std::string_view line)>& write) {
    Lines lines{write};
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
}

}  // namespace slipway
