#include "tools/client/connection.h"

#include "eventlog/base/curl_http_client.h"
#include "tools/client/machine.h"

#include <boost/asio/io_context.hpp>

#include <charconv>
#include <optional>

namespace slipway {

namespace {

constexpr int kTriesMax = 3;
constexpr Millis kTimeout{30'000};
// A server that has nothing to say in a stream of events shows every 15 seconds that it is there.
constexpr Millis kSilenceMax{60'000};
// A page of 200 schedules of 32 dependencies each, with room to spare.
constexpr std::size_t kAnswerBytesMax = 64 << 20;
constexpr Millis kPause{300};          // after the first try; then twice as long
constexpr Seconds kRetryAfterMax{30};  // people wait for it

std::optional<Seconds> retry_after(const HttpResponse& response) {
    const std::string* const text = response.header("retry-after");
    if (text == nullptr) return std::nullopt;
    int seconds = 0;
    const auto read = std::from_chars(text->data(), text->data() + text->size(), seconds);
    if (read.ec != std::errc{} || seconds < 0) return std::nullopt;
    return std::min(Seconds{seconds}, kRetryAfterMax);
}

// Whether the server may answer otherwise when it is asked again.
bool is_passing(const HttpResponse& response) {
    return response.status == 503 || response.status == 429;
}

}  // namespace

std::string media_of(const HttpResponse& response) {
    const std::string* const type = response.header("content-type");
    return type == nullptr ? "" : type->substr(0, type->find_first_of("; "));
}

struct ApiConnection::Wire {
    explicit Wire(const std::string& ca_file)
        : client(io, {.allow_http = true, .allow_private_addresses = true, .ca_file = ca_file}) {}

    boost::asio::io_context io;
    CurlHttpClient client;

    std::variant<HttpResponse, HttpError> send(const HttpRequest& request) {
        std::optional<std::variant<HttpResponse, HttpError>> answer;
        client.send(request, [&](auto given) { answer = std::move(given); });
        io.restart();
        while (!answer) CHECK(io.run_one() > 0);
        return std::move(*answer);
    }
};

ApiConnection::ApiConnection(const Settings& settings, std::string idempotency_key)
    : settings_(settings),
      idempotency_key_(std::move(idempotency_key)),
      wire_(std::make_unique<Wire>(settings_.ca_file)) {}

ApiConnection::~ApiConnection() = default;

Result<HttpResponse> ApiConnection::ask(const Question& question) {
    auto answer = send(question, {});
    // Whoever prints it ends the line.
    if (answer && answer->body.ends_with('\n')) answer->body.pop_back();
    return answer;
}

Result<HttpResponse> ApiConnection::follow(const Question& question, const OnPiece& on_piece) {
    return send(question, on_piece);
}

Result<HttpResponse> ApiConnection::send(const Question& question, const OnPiece& on_piece) {
    HttpRequest request{question.method,  settings_.url + question.target,
                        question.headers, question.body,
                        kTimeout,         kAnswerBytesMax};
    bool was_shown = false;
    if (on_piece) {
        request.timeout = kSilenceMax;
        request.on_piece = [&](const HttpResponse& head, std::string_view piece) {
            was_shown = true;
            return on_piece(head, piece);
        };
    }
    request.headers.emplace_back("User-Agent", "slipway");
    if (!settings_.token.empty()) {
        request.headers.emplace_back("Authorization", "Bearer " + settings_.token);
    }
    if (!settings_.team.empty()) request.headers.emplace_back("Slipway-Team", settings_.team);
    if (!question.body.empty()) request.headers.emplace_back("Content-Type", "application/json");
    std::string key;
    if (question.method != "GET") {
        key = idempotency_key_.empty() ? machine_random_key() : idempotency_key_;
        request.headers.emplace_back("Idempotency-Key", key);
    }
    // How the server itself is doing is asked once: no is an answer.
    const bool may_repeat = question.target.starts_with("/v1/");
    bool may_be_done = false;
    for (int number = 1;; ++number) {
        auto answer = wire_->send(request);
        const bool is_last = !may_repeat || was_shown || number == kTriesMax;
        Millis pause = kPause * number;
        if (auto* const response = std::get_if<HttpResponse>(&answer)) {
            if (is_last || !is_passing(*response)) return std::move(*response);
            pause = std::max<Millis>(pause, retry_after(*response).value_or(Seconds{0}));
        } else {
            const auto& error = std::get<HttpError>(answer);
            may_be_done = may_be_done || (error.sent && !key.empty());
            if (is_last || error.failure == HttpFailure::invalid_request ||
                error.failure == HttpFailure::response_too_large) {
                return Error{ErrorCode::unavailable,
                             settings_.url + ": " + error.message +
                                 (may_be_done ? "\n  it may have been done; to ask again for the "
                                                "same: --idempotency-key " +
                                                    key
                                              : "")};
            }
        }
        machine_pause(pause);
    }
}

}  // namespace slipway
