// The port of a kind of target. An Executor describes the settings of its kind, builds the requests
// that deploy at such a target, and reads the answers. It is pure: no clock, no state, no network.
// The Courier (courier.h) sends; the dispatcher (server/engine/dispatcher.h) decides what a result
// means for the deployment. Each kind has a room, server/targets/<kind>/, and a row in kinds.cpp.
//
//   dispatcher ─ begin(work) ─► Ask ─► courier ─ sign, send ─► Answer ─► read(work, step, answer)
//                                ▲                                              │
//                                └────────── another Ask ◄──────────────────────┤
//                              Accepted, Succeeded or Refused: the attempt ends ◄┘
//
// Executors are safe from any thread.

#pragma once

#include "eventlog/base/http_client.h"
#include "eventlog/base/id.h"
#include "eventlog/base/strong.h"
#include "eventlog/base/time.h"
#include "eventlog/events/target_settings.h"
#include "eventlog/events/vocabulary.h"
#include "projections/render.h"
#include "server/auth/authorization.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace slipway {

// ---- The description of a kind

// The form of a setting's value.
enum class SettingType : std::uint8_t {
    line,  // one line of text
    url,   // called by this server: http:// or https://, a host, and no user or password
};

// One setting: a member of `target` in the API's JSON.
struct SettingField {
    std::string_view name;
    std::string_view meaning;  // "the URL of the webhook": what a refusal asks for if it is absent
    SettingType type = SettingType::line;
};

// What becomes of an attempt that was under way when the server ended.
enum class AfterInterruption : std::uint8_t {
    resend,   // the request is idempotent at the target: it is sent again
    unknown,  // nobody can tell whether it ran: the deployment waits for a report or a person
};

struct Description {
    TargetKind kind = {};
    std::string_view name = {};                  // its spelling in JSON
    std::vector<SettingField> fields = {};       // all of them are required
    std::string_view example = {};               // a `target` in JSON, shortened, for refusals
    std::vector<std::string_view> headers = {};  // how those that it sets begin, in lower case
    AfterInterruption after_interruption = AfterInterruption::unknown;
    std::string_view resend_reason = {};  // why `resend` is safe; kept in the log
};

// A setting that is refused, and why, in words that follow its name: "has a space".
struct SettingFlaw {
    std::string setting;
    std::string detail;
};

// ---- Requests and answers

// The part of a deployment that an executor may see. It has no credential and no signing secret.
// `callback_token` is in it, because the target must be told it.
struct Work {
    ScheduleView view;  // to render the deployment and its app
    RowIndex row;
    DeploymentId deployment;       // the same for all attempts: identifies the run at the target
    TargetSettings settings;       // the target's, validated
    Position token;                // the fencing token: the position of its AttemptStarted
    Instant started_at;            // when this attempt started
    std::string_view traceparent;  // empty: none
    std::string callback_url;      // where the target may report the end
    std::string callback_token;
};

// The next request to send.
struct Ask {
    HttpRequest request;    // without credential and signature
    std::uint8_t step = 0;  // a deployment may need several requests; read() gets the number back
};

// An attempt ends as failed after this many requests without an end.
inline constexpr std::size_t kAsksPerAttemptMax = 8;

// The secrets that a request carries. They are read as it leaves.
struct Keys {
    std::vector<std::string> signing_secrets;  // raw bytes, newest first; each signs
    std::optional<Authorization> authorization;
};

// What came back for an Ask.
struct Answer {
    std::variant<HttpResponse, HttpError> reply;
    std::optional<Seconds> retry_after;          // of a response: see retry_after.h
    std::optional<Authorization> authorization;  // that the target was shown

    // The status of the response; 0: none came.
    int http_status() const;
    // Whether any byte of the request may have reached the target.
    bool sent() const;
    // The beginning of `text`, which the target said, as it may be kept and shown: one line of
    // printable UTF-8. A text that repeats the credential is replaced as a whole.
    std::string kept(std::string_view text, std::size_t bytes_max) const;
};

// The target has taken the deployment on and will report its end. `reference` says where it can be
// asked about; it may be empty.
struct Accepted {
    std::string reference;
};
// The deployment is done.
struct Succeeded {};
// The deployment is not done. `is_retryable`: the same attempt may be made again.
struct Refused {
    bool is_retryable = false;
    AttemptCause cause = AttemptCause::answered;
    std::string detail;  // the target's words, or ours
    std::optional<Seconds> retry_after = {};
};
using Step = std::variant<Ask, Accepted, Succeeded, Refused>;

// Enough for the first line of what a target has to say, and little enough to keep for ever.
inline constexpr std::size_t kDetailBytesMax = 500;
inline constexpr std::size_t kReferenceBytesMax = 2'000;  // as long as a setting may be

// How to take an error for a kind whose requests may be sent again.
Refused refused_by(const HttpError& error);

// ---- The port

class Executor {
  public:
    virtual ~Executor() = default;

    virtual const Description& description() const = 0;

    // The flaws of `settings` beyond those that check_fields() finds: rules that span fields, or
    // formats of the vendor. None by default.
    virtual std::vector<SettingFlaw> validate(const TargetSettings& settings) const;

    // Where its requests go, as origin_of() spells it. Shares are kept by origin, and a credential
    // goes to its own origin only. Empty if the settings do not tell.
    virtual std::string origin(const TargetSettings& settings) const = 0;

    // The target in a few words, for AttemptStarted.
    virtual std::string summary(const TargetSettings& settings) const = 0;

    // The first request of an attempt.
    virtual Ask begin(const Work& work) const = 0;

    // Takes the answer to the Ask of that step, however malformed. A body may be cut at
    // kAnswerBytesMax (courier.h).
    virtual Step read(const Work& work, std::uint8_t step, const Answer& answer) const = 0;

    // Adds the signatures that prove the request to be ours. Called as it leaves, at `now`. The
    // courier adds the credential's header itself.
    virtual void sign(HttpRequest& request, const Keys& keys, Instant now) const;
};

// The flaws of `settings` that follow from the description: a URL that cannot be called.
std::vector<SettingFlaw> check_fields(const Description& description,
                                      const TargetSettings& settings);

// The kinds that a server knows.
class Kinds {
  public:
    // Each has another kind and another name. The executors outlive it.
    explicit Kinds(std::vector<const Executor*> executors);

    // Requires: there is one. The log holds no other (see codec.h).
    const Executor& at(TargetKind kind) const;
    // Null if there is none of that name.
    const Executor* find(std::string_view name) const;

    const std::vector<const Executor*>& all() const { return executors_; }

  private:
    std::vector<const Executor*> executors_;
};

}  // namespace slipway
