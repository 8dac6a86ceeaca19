#include "eventlog/base/digest.h"
#include "eventlog/base/url.h"
#include "eventlog/events/target_settings.h"
#include "projections/definition_log.h"
#include "projections/render.h"
#include "server/api/conditional.h"
#include "server/api/exchange.h"
#include "server/api/page_read.h"
#include "server/api/problem.h"
#include "server/api/resources/app_fields.h"
#include "server/api/resources/events.h"
#include "server/api/resources/handlers.h"
#include "server/auth/secrets.h"
#include "server/domain/text_rules.h"

#include <algorithm>
#include <utility>

namespace slipway {

namespace {

const App* find_app(const Call& call) {
    const auto id = AppId::parse(call.parameters.front());
    const App* const app = id ? call.state().apps().find(*id) : nullptr;
    return app != nullptr && app->team == call.team() ? app : nullptr;
}

Reply no_such_app(const Call& call, std::string_view id) {
    return not_found(call, "app_not_found", "app", id);
}

Reply app_reply(const Call& call, int status, const App& app, const AppDefinition& definition) {
    Reply reply = versioned(call, status, app.version, Shows::itself,
                            [&](JsonWriter& json) { write_json(json, app, &definition); });
    reply.shows = call.services.engine.pending().of_stream(app.id.uuid);
    if (status == 201) add_location(call, reply, "/v1/apps/" + app.id.text());
    return reply;
}

// Puts `command` to the lane, after which the app is not archived, and shows the app.
Reply change(const Call& call, const Command& command, int status, AppId id) {
    auto submitted = submit(call, command);
    if (auto* const refusal = std::get_if<Reply>(&submitted)) return std::move(*refusal);
    const auto& receipt = std::get<Receipt>(submitted);
    if (status == 201) id = AppId{stream_of(receipt.events.front())};
    const App& app = *call.state().apps().find(id);
    return app_reply(call, status, app, app.definition());
}

// A target that this server will never send to is refused when it is named, not when it is due.
void check_called(const Call& call, const std::string& pointer, const std::string& text,
                  std::vector<FieldError>& errors) {
    const auto called = called_by(text);
    const auto* const url = std::get_if<CalledUrl>(&called);
    if (url == nullptr) return;  // a flaw is for the domain to find
    if (!url->is_https && !call.services.allow_http_targets) {
        add_error(errors, {pointer, RejectionCode::invalid_field,
                           "must begin with https://; this server does not send in the clear"});
    }
    const bool is_private = url->is_public_address && !*url->is_public_address;
    if (is_private && !call.services.allow_private_targets) {
        add_error(errors, {pointer, RejectionCode::invalid_field,
                           "names " + url->host +
                               ", an address that is not public; this server sends to public "
                               "addresses only, unless it runs with --allow-private-targets"});
    }
}

void check_target(const Call& call, const Json& body, const Target& target,
                  std::vector<FieldError>& errors) {
    if (!body.contains("target")) return;
    const TargetSettings settings = settings_of(target);
    for (const auto& field : call.services.engine.kinds().at(target.kind).description().fields) {
        const std::string* const value = find_setting(settings, field.name);
        if (field.type != SettingType::url || value == nullptr) continue;
        check_called(call, "/target/" + std::string{field.name}, *value, errors);
    }
}

Reply clone_app(const Call& call, const std::string& source_text, const Json& body) {
    std::vector<FieldError> errors;
    const auto source_id = AppId::parse(source_text);
    if (!source_id) {
        errors.push_back({"?source", RejectionCode::invalid_field,
                          "is " + in_quotes(source_text) + "; the id of an app to clone"});
        return problem(call.request, errors);
    }
    const App* const source = call.state().apps().find(*source_id);
    if (source == nullptr || source->team != call.team()) return no_such_app(call, source_text);
    const auto definition = newest_definition(call.services.engine.log(), *source);
    if (!definition) return problem(call.request, definition.error());
    CloneApp command{*source_id, patched_definition(*definition, body, PatchOf::clone,
                                                    call.services.engine.kinds(), errors)};
    if (body.contains("name") && body["name"] == "") check_name("/name", "", errors);
    check_target(call, body, command.definition.target, errors);
    if (!errors.empty()) return refused(call, command, std::move(errors));
    return change(call, command, 201, {});
}

// Where an app stands in a list. A cursor is one, so that a page stays right when that app gets
// another name.
struct Place {
    std::string name;  // empty unless the list is sorted by it
    std::uint32_t index = 0;

    friend auto operator<=>(const Place&, const Place&) = default;
};

// ID, or ID.NAME with the name in base64url.
std::string cursor_of(const App& app, const Place& place) {
    return app.id.text() + (place.name.empty() ? "" : "." + base64url_of(place.name));
}

std::optional<Place> place_in(const Call& call, std::string_view cursor, bool by_name) {
    const auto dot = std::min(cursor.find('.'), cursor.size());
    const auto id = AppId::parse(cursor.substr(0, dot));
    const App* const app = id ? call.state().apps().find(*id) : nullptr;
    const auto name = bytes_of_base64url(cursor.substr(std::min(dot + 1, cursor.size())));
    const bool fits = by_name == (dot < cursor.size());
    if (app == nullptr || app->team != call.team() || !name || !fits) return std::nullopt;
    return Place{*name, call.state().apps().index_of(*id)};
}

struct AppFilters {
    const Apps& apps;
    const std::string* name = nullptr;
    const std::string* environment = nullptr;
    const std::string* label = nullptr;
    std::optional<Place> after = {};  // the page before ended there
    bool archived = false;
    bool by_name = false;
    bool descending = false;
    std::size_t limit = kPageDefault;

    bool wants(const App& app) const {
        const AppDefinition& definition = app.definition();
        if (app.archived != archived) return false;
        if (name != nullptr && definition.name != *name) return false;
        if (environment != nullptr && definition.environment != *environment) return false;
        return label == nullptr || has_label(definition.labels, *label);
    }
    Place place_of(const App& app) const {
        return {by_name ? app.definition().name : std::string{}, apps.index_of(app.id)};
    }
    bool is_before(const Place& a, const Place& b) const { return descending ? b < a : a < b; }
};

AppFilters read_app_filters(const Call& call, std::vector<FieldError>& errors) {
    Filters filters{call.request, errors};
    AppFilters wanted{call.state().apps()};
    wanted.name = filters.text("name");
    wanted.environment = filters.text("environment");
    wanted.label = filters.text("label");
    wanted.archived = filters.flag("archived");
    if (const std::string* const sort = filters.text("sort")) {
        wanted.descending = sort->starts_with('-');
        const auto key = std::string_view{*sort}.substr(wanted.descending ? 1 : 0);
        wanted.by_name = key == "name";
        if (!wanted.by_name && key != "created_at") {
            filters.fail("sort",
                         "is " + in_quotes(*sort) + "; created_at, -created_at, name or -name");
        }
    }
    if (const std::string* const cursor = filters.text("cursor")) {
        wanted.after = place_in(call, *cursor, wanted.by_name);
        if (!wanted.after) {
            filters.fail("cursor", "is not one that a list of apps in this order answered");
        }
    }
    wanted.limit = filters.limit();
    filters.finish();
    return wanted;
}

// A page of apps. First the apps that it shows are found, and one more, then they are written.
class AppsRead final : public PageRead {
  public:
    AppsRead(const Call& call, AppFilters wanted)
        : PageRead(call.request, wanted.limit), call_(call), wanted_(std::move(wanted)) {}

  protected:
    Result<Found> find(const Turn& turn) override {
        const auto& all = wanted_.apps.of_team(call_.team());
        while (scanned_ < all.size()) {
            consider(wanted_.apps.at(all[scanned_++]));
            if (scanned_ % kAppsPerLook == 0 && turn.is_over()) return Found::turn_over;
        }
        if (!std::exchange(is_sorted_, true)) std::sort(places_.begin(), places_.end(), order());
        return next_ == places_.size() ? Found::end : Found::row;
    }
    Result<bool> take(JsonWriter& json) override {
        const App& app = wanted_.apps.at(places_[next_++].index);
        if (!app.is_outline) {
            write_json(json, app);
            return true;
        }
        const auto definition = newest_definition(call_.services.engine.log(), app);
        if (!definition) return definition.error();
        write_json(json, app, &*definition);
        return true;
    }
    std::string cursor() const override {
        const Place& last = places_[next_ - 1];
        return cursor_of(wanted_.apps.at(last.index), last);
    }
    std::optional<Position> shows() const override {
        return call_.services.engine.pending().of_team(call_.team(), PendingChanges::Part::apps);
    }

  private:
    static constexpr std::size_t kAppsPerLook = 64;

    std::function<bool(const Place&, const Place&)> order() const {
        return [this](const Place& a, const Place& b) { return wanted_.is_before(a, b); };
    }
    // Keeps the first ones; the last of them is at the front.
    void consider(const App& app) {
        if (!wanted_.wants(app)) return;
        Place place = wanted_.place_of(app);
        if (wanted_.after && !wanted_.is_before(*wanted_.after, place)) return;
        places_.push_back(std::move(place));
        std::push_heap(places_.begin(), places_.end(), order());
        if (places_.size() <= wanted_.limit + 1) return;
        std::pop_heap(places_.begin(), places_.end(), order());
        places_.pop_back();
    }

    const Call& call_;
    AppFilters wanted_;
    std::size_t scanned_ = 0;
    std::vector<Place> places_;
    bool is_sorted_ = false;
    std::size_t next_ = 0;
};

}  // namespace

Reply create_app(const Call& call) {
    std::vector<FieldError> errors;
    Filters filters{call.request, errors};
    const std::string* const source = filters.text("source");
    filters.finish();
    if (!errors.empty()) return problem(call.request, errors);
    // A clone may differ from its source in nothing.
    auto body = read_body(call, source != nullptr ? Body::optional : Body::required);
    if (auto* const refusal = std::get_if<Reply>(&body)) return std::move(*refusal);
    const Json& json = std::get<Json>(body);
    if (source != nullptr) return clone_app(call, *source, json);
    CreateApp command{read_definition(json, call.services.engine.kinds(), errors)};
    check_target(call, json, command.definition.target, errors);
    if (!errors.empty()) return refused(call, command, std::move(errors));
    return change(call, command, 201, {});
}

Reply list_apps(const Call& call) {
    std::vector<FieldError> errors;
    const AppFilters wanted = read_app_filters(call, errors);
    if (!errors.empty()) return problem(call.request, errors);
    return reading(call, std::make_shared<AppsRead>(call, wanted));
}

Reply get_app(const Call& call) {
    const App* const app = find_app(call);
    if (app == nullptr) return no_such_app(call, call.parameters.front());
    const auto definition = newest_definition(call.services.engine.log(), *app);
    if (!definition) return problem(call.request, definition.error());
    return app_reply(call, 200, *app, *definition);
}

Reply revise_app(const Call& call) {
    const App* const app = find_app(call);
    if (app == nullptr) return no_such_app(call, call.parameters.front());
    auto body = read_body(call);
    if (auto* const refusal = std::get_if<Reply>(&body)) return std::move(*refusal);
    std::vector<FieldError> errors;
    ReviseApp command{app->id,
                      patched_definition(app->definition(), std::get<Json>(body), PatchOf::app,
                                         call.services.engine.kinds(), errors)};
    check_target(call, std::get<Json>(body), command.definition.target, errors);
    if (!errors.empty()) return refused(call, command, std::move(errors));
    if (auto other = stale(call, app->version)) return std::move(*other);
    return change(call, command, 200, app->id);
}

Reply archive_app(const Call& call) {
    const App* const app = find_app(call);
    if (app == nullptr) return no_such_app(call, call.parameters.front());
    std::vector<FieldError> errors;
    Filters filters{call.request, errors};
    const bool cancel = filters.flag("cancel_schedules");
    filters.finish();
    if (!errors.empty()) return problem(call.request, errors);
    if (auto refusal = refuse_fields(call)) return std::move(*refusal);
    if (auto other = stale(call, app->version)) return std::move(*other);
    // Before it leaves the memory.
    const auto definition = newest_definition(call.services.engine.log(), *app);
    if (!definition) return problem(call.request, definition.error());
    auto submitted = submit(call, ArchiveApp{app->id, cancel});
    if (auto* const refusal = std::get_if<Reply>(&submitted)) return std::move(*refusal);
    return app_reply(call, 200, *app, *definition);
}

Reply get_app_history(const Call& call) {
    const App* const app = find_app(call);
    if (app == nullptr) return no_such_app(call, call.parameters.front());
    return stream_history(call, app->id.uuid);
}

Reply get_signing_secret(const Call& call) {
    const App* const app = find_app(call);
    if (app == nullptr) return no_such_app(call, call.parameters.front());
    return result(200, [&](JsonWriter& json) {
        json.begin_object();
        json.member("app", app->id);
        json.member("generation", app->signing_generation);
        json.key("secrets");
        json.begin_array();
        for (const auto& secret :
             call.services.secrets.signing_secrets(*app, call.services.clock.now())) {
            json.value(signing_secret_text(secret));
        }
        json.end_array();
        json.end_object();
    });
}

Reply rotate_signing_secret(const Call& call) {
    const App* const app = find_app(call);
    if (app == nullptr) return no_such_app(call, call.parameters.front());
    if (auto refusal = refuse_fields(call)) return std::move(*refusal);
    if (auto other = stale(call, app->version)) return std::move(*other);
    auto submitted = submit(call, RotateSigningSecret{app->id});
    if (auto* const refusal = std::get_if<Reply>(&submitted)) return std::move(*refusal);
    return get_signing_secret(call);
}

}  // namespace slipway
