// How libcurl and Asio take turns. libcurl says what it waits for; Asio waits, and tells libcurl:
//
//   send() ─► curl_multi_add_handle ─► on_timer ─┄ timer ┄─┐
//                                      on_socket ┄ ready ┄─┴─► act() ─► collect() ─► deliver()
//
// Answers leave from deliver() only, where libcurl is not at work, so that they may call send() and
// cancel().

#include "eventlog/base/curl_http_client.h"

#include "eventlog/base/address_filter.h"
#include "eventlog/base/ascii.h"
#include "eventlog/base/check.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <curl/curl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstdio>
#include <deque>
#include <optional>
#include <unordered_map>
#include <utility>

namespace slipway {

namespace {

namespace asio = boost::asio;

using Answer = std::variant<HttpResponse, HttpError>;

// Each option here is a promise of the header, so one that libcurl does not know is a bug. The
// parentheses keep libcurl's macro of that name out, which wants a literal option.
template <class T>
void set(CURL* easy, CURLoption option, T value) {
    CHECK((curl_easy_setopt)(easy, option, value) == CURLE_OK);
}

template <class T>
void set(CURLM* multi, CURLMoption option, T value) {
    CHECK((curl_multi_setopt)(multi, option, value) == CURLM_OK);
}

struct EasyDeleter {
    void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct ListDeleter {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

bool is_field_value(std::string_view text) {
    return std::ranges::all_of(text, [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return (byte >= 0x20 && byte != 0x7F) || c == '\t';
    });
}

bool is_url_text(std::string_view text) {
    constexpr std::size_t kUrlBytesMax = 8 << 10;
    return text.size() <= kUrlBytesMax && std::ranges::all_of(text, [](char c) {
               const auto byte = static_cast<unsigned char>(c);
               return byte > 0x20 && byte != 0x7F;
           });
}

// Why `request` cannot be sent; libcurl would pass a line break on, and stop reading at a zero
// byte.
std::optional<std::string> flaw_of(const HttpRequest& request) {
    if (!is_token(request.method)) return "the method is not a token";
    if (!is_url_text(request.url))
        return "the URL is too long, or has a blank or control character";
    if (request.timeout <= Millis{0}) return "the time limit is not positive";
    for (const auto& [name, value] : request.headers) {
        if (!is_token(name)) return "the name of a header is not a token";
        if (!is_field_value(value)) return "header " + name + " has a control character";
    }
    return std::nullopt;
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view kBlanks = " \t\r\n";
    const auto begin = text.find_first_not_of(kBlanks);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(kBlanks) + 1 - begin);
}

// Measures a time that a request may take: all of it, or a silence within its answer. libcurl's own
// limit would leave the look-up of a name behind, and it knows no silence, only a speed.
class Countdown : public std::enable_shared_from_this<Countdown> {
  public:
    Countdown(asio::io_context& io, Millis most, std::function<void()> over)
        : timer_(io), most_(most), over_(std::move(over)) {}

    // It begins anew. Once it has lasted, `over` is called, unless this is gone.
    void begin() {
        timer_.expires_after(most_);
        timer_.async_wait(
            [weak = weak_from_this(), number = ++number_](const boost::system::error_code& error) {
                const auto self = weak.lock();
                // It may have begun anew when this was already under way.
                if (self && !error && self->number_ == number) self->over_();
            });
    }

  private:
    asio::steady_timer timer_;
    const Millis most_;
    const std::function<void()> over_;
    std::uint64_t number_ = 0;
};

// One request on its way. libcurl holds its address and calls the functions below with it.
struct Call {
    std::uint64_t id = 0;
    HttpRequest request;
    HttpClient::Done done;
    bool allow_private_addresses = false;

    HttpResponse response;
    std::size_t response_bytes = 0;
    bool too_large = false;
    bool had_enough = false;     // on_piece wants no more
    bool head_complete = false;  // the blank line after the headers of the final answer has come
    bool dialled = false;        // an address that the filter let pass
    bool refused = false;        // an address that it did not
    bool sent = false;
    bool given_up = false;  // while its name was looked up: it ends when that has ended
    std::array<char, CURL_ERROR_SIZE> message{};
    std::shared_ptr<Countdown> limit;    // of all of it, unless there is an on_piece
    std::shared_ptr<Countdown> silence;  // if there is an on_piece or a body_timeout

    std::unique_ptr<curl_slist, ListDeleter> headers;
    std::unique_ptr<CURL, EasyDeleter> easy;  // last: it ends before what it points to

    bool count(std::size_t bytes) {
        response_bytes += bytes;
        too_large = response_bytes > request.response_bytes_max;
        return !too_large;
    }

    void tell(const std::string& what) {
        message.fill('\0');
        what.copy(message.data(), message.size() - 1);
    }

    // Whether its name is being looked up, on a thread that libcurl cannot end.
    bool is_looking_up() const { return !dialled && !refused && !sent; }

    // Whether the answer counts though `code` says that it is not whole.
    bool is_decided(CURLcode code) const {
        if (had_enough) return true;
        if (!request.body_timeout) return false;
        const bool was_cut = too_large || code == CURLE_WEIRD_SERVER_REPLY;
        return head_complete || (was_cut && status() >= 200);
    }

    static curl_socket_t open_socket(void* self, curlsocktype, curl_sockaddr* address) {
        auto& call = *static_cast<Call*>(self);
        if (call.sent || call.given_up) return CURL_SOCKET_BAD;  // for a repetition; too late
        if (!call.allow_private_addresses && !is_public(address->addr)) {
            call.refused = true;
            return CURL_SOCKET_BAD;
        }
        call.dialled = true;
        return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    }

    // Called when there is a connection, before the first byte of the request goes out: once more
    // if libcurl is about to repeat the request on another connection.
    static int before_sending(void* self, char*, char*, int, int) {
        const bool repeats = std::exchange(static_cast<Call*>(self)->sent, true);
        return repeats ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
    }

    static std::size_t on_header(char* bytes, std::size_t, std::size_t size, void* self) {
        auto& call = *static_cast<Call*>(self);
        if (!call.count(size)) return 0;
        const std::string_view line{bytes, size};
        if (call.head_complete) return size;                           // a trailer
        if (line.starts_with("HTTP/")) call.response.headers.clear();  // what was before was 1xx
        call.head_complete = trimmed(line).empty() && call.status() >= 200;
        if (call.head_complete && call.request.body_timeout) call.silence->begin();
        const auto colon = line.find(':');
        if (colon == std::string_view::npos || line.starts_with("HTTP/")) return size;
        call.response.headers.emplace_back(lower_case(trimmed(line.substr(0, colon))),
                                           trimmed(line.substr(colon + 1)));
        return size;
    }

    long status() const {
        long status = 0;
        curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
        return status;
    }

    std::size_t hand_over(std::string_view piece) {
        had_enough = !request.on_piece(response, piece);
        if (had_enough) return 0;
        silence->begin();
        return piece.size();
    }

    static std::size_t on_body(char* bytes, std::size_t, std::size_t size, void* self) {
        auto& call = *static_cast<Call*>(self);
        call.response.status = static_cast<int>(call.status());
        const bool is_good = call.response.status >= 200 && call.response.status < 300;
        if (call.request.on_piece && is_good) return call.hand_over({bytes, size});
        const std::size_t room = call.request.response_bytes_max - call.response_bytes;
        call.response.body.append(bytes, std::min(size, room));
        return call.count(size) ? size : 0;
    }
};

void set_headers(Call& call) {
    bool has_content_type = false;
    curl_slist* list = nullptr;
    const auto add = [&](const std::string& line) {
        list = curl_slist_append(list, line.c_str());
        CHECK(list != nullptr);
    };
    for (const auto& [name, value] : call.request.headers) {
        has_content_type |= lower_case(name) == "content-type";
        // libcurl reads "name:" as the wish to send no such header.
        add(value.empty() ? name + ";" : name + ": " + value);
    }
    if (!has_content_type) add("Content-Type:");
    add("Expect:");  // no round trip to ask whether the body is welcome
    call.headers.reset(list);
    set(call.easy.get(), CURLOPT_HTTPHEADER, list);
}

void set_method(Call& call) {
    CURL* const easy = call.easy.get();
    const HttpRequest& request = call.request;
    if (request.method == "GET" && request.body.empty()) {
        set(easy, CURLOPT_HTTPGET, 1L);
    } else if (request.method == "HEAD") {
        set(easy, CURLOPT_NOBODY, 1L);
    } else {
        set(easy, CURLOPT_POST, 1L);
        set(easy, CURLOPT_POSTFIELDS, request.body.data());
        set(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
        set(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
    }
}

void set_limits(Call& call, bool allow_http) {
    CURL* const easy = call.easy.get();
    set(easy, CURLOPT_PROTOCOLS_STR, allow_http ? "http,https" : "https");
    set(easy, CURLOPT_FOLLOWLOCATION, 0L);
    set(easy, CURLOPT_PROXY, "");  // whatever the environment says
    set(easy, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
    set(easy, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    set(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    set(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    set(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    // One request a connection at a time: a slow answer holds nothing else up.
    set(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set(easy, CURLOPT_CONNECTTIMEOUT, 86'400L);  // Countdown is the limit
    set(easy, CURLOPT_MAXAGE_CONN, 1L);
    set(easy, CURLOPT_NOSIGNAL, 1L);
    // Without it, the end of the process waits for a name that is being looked up.
    set(easy, CURLOPT_QUICK_EXIT, 1L);
}

void set_callbacks(Call& call) {
    CURL* const easy = call.easy.get();
    set(easy, CURLOPT_PRIVATE, static_cast<void*>(&call));
    set(easy, CURLOPT_ERRORBUFFER, call.message.data());
    set(easy, CURLOPT_OPENSOCKETFUNCTION, &Call::open_socket);
    set(easy, CURLOPT_OPENSOCKETDATA, static_cast<void*>(&call));
    set(easy, CURLOPT_PREREQFUNCTION, &Call::before_sending);
    set(easy, CURLOPT_PREREQDATA, static_cast<void*>(&call));
    set(easy, CURLOPT_HEADERFUNCTION, &Call::on_header);
    set(easy, CURLOPT_HEADERDATA, static_cast<void*>(&call));
    set(easy, CURLOPT_WRITEFUNCTION, &Call::on_body);
    set(easy, CURLOPT_WRITEDATA, static_cast<void*>(&call));
}

HttpFailure failure_of(const Call& call, CURLcode code) {
    if (call.too_large) return HttpFailure::response_too_large;
    if (code == CURLE_OPERATION_TIMEDOUT) return HttpFailure::timed_out;
    if (call.sent) return HttpFailure::connection_lost;
    if (call.refused && !call.dialled) return HttpFailure::address_refused;
    switch (code) {
        case CURLE_URL_MALFORMAT:
        case CURLE_UNSUPPORTED_PROTOCOL:
        case CURLE_LOGIN_DENIED:
        case CURLE_BAD_FUNCTION_ARGUMENT:
            return HttpFailure::invalid_request;
        default:
            return HttpFailure::connect_failed;
    }
}

Answer answer_of(Call& call, CURLcode code) {
    // libcurl takes a connection that ends within the headers for the end of an answer.
    if (code == CURLE_OK && !call.head_complete) code = CURLE_RECV_ERROR;
    if (code == CURLE_OK || call.is_decided(code)) {
        call.response.status = static_cast<int>(call.status());
        return std::move(call.response);
    }
    HttpError error{failure_of(call, code), call.sent, call.message.data()};
    if (error.failure == HttpFailure::address_refused) {
        error.message = "the address is not public";
    } else if (error.failure == HttpFailure::response_too_large) {
        error.message = "the answer has more than " +
                        std::to_string(call.request.response_bytes_max) + " bytes";
    } else if (code == CURLE_ABORTED_BY_CALLBACK) {
        error.message = "the connection ended before the answer";
    } else if (error.message.empty()) {
        error.message = curl_easy_strerror(code);
    }
    return error;
}

}  // namespace

class CurlHttpClient::Engine : public std::enable_shared_from_this<Engine> {
  public:
    Engine(asio::io_context& io, Options options)
        : io_(io), timer_(io), options_(std::move(options)) {
        static const CURLcode kInitialized = curl_global_init(CURL_GLOBAL_DEFAULT);
        CHECK(kInitialized == CURLE_OK);
        multi_ = curl_multi_init();
        CHECK(multi_ != nullptr);
        set(multi_, CURLMOPT_SOCKETFUNCTION, &Engine::on_socket);
        set(multi_, CURLMOPT_SOCKETDATA, static_cast<void*>(this));
        set(multi_, CURLMOPT_TIMERFUNCTION, &Engine::on_timer);
        set(multi_, CURLMOPT_TIMERDATA, static_cast<void*>(this));
        set(multi_, CURLMOPT_MAXCONNECTS, options_.kept_connections_max);
    }
    ~Engine() {
        for (const auto& [id, call] : calls_) curl_multi_remove_handle(multi_, call->easy.get());
        calls_.clear();
        curl_multi_cleanup(multi_);
        for (const auto& [socket, watch] : watches_) watch->descriptor.release();
    }
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    std::uint64_t send(HttpRequest request, Done done);
    void cancel(std::uint64_t id);

  private:
    // What libcurl waits for at one of its sockets. The socket is libcurl's: it is released, never
    // closed.
    struct Watch {
        asio::posix::stream_descriptor descriptor;
        curl_socket_t socket;
        int wanted = 0;  // CURL_CSELECT_IN and _OUT
        int pending = 0;
        bool over = false;
    };
    struct Answered {
        std::uint64_t id;
        Done done;
        Answer answer;
    };

    static int on_socket(CURL*, curl_socket_t socket, int what, void* self, void*);
    static int on_timer(CURLM*, long timeout_ms, void* self);
    std::shared_ptr<Watch> watch(curl_socket_t socket);
    void unwatch(curl_socket_t socket);
    void wait(const std::shared_ptr<Watch>& watch, int event);
    void act(curl_socket_t socket, int events);
    void act_later(curl_socket_t socket, int events);
    void limit(Call& call);
    void give_up(std::uint64_t id, const std::string& message);
    void end(std::uint64_t id, CURLcode code);
    void collect();
    void deliver();

    asio::io_context& io_;
    asio::steady_timer timer_;
    const Options options_;
    CURLM* multi_ = nullptr;
    std::unordered_map<std::uint64_t, std::unique_ptr<Call>> calls_;
    std::unordered_map<curl_socket_t, std::shared_ptr<Watch>> watches_;
    std::deque<Answered> answered_;
    std::uint64_t last_id_ = 0;
    std::size_t look_ups_left_ = 0;  // of cancelled requests
};

std::uint64_t CurlHttpClient::Engine::send(HttpRequest request, Done done) {
    const std::uint64_t id = ++last_id_;
    std::optional<HttpError> error;
    if (auto flaw = flaw_of(request)) {
        error = HttpError{HttpFailure::invalid_request, false, std::move(*flaw)};
    } else if (look_ups_left_ >= kLookUpsLeftMax) {
        error = HttpError{HttpFailure::connect_failed, false,
                          std::to_string(look_ups_left_) +
                              " names of requests that were given up are still being looked up"};
    }
    if (error) {
        answered_.push_back({id, std::move(done), std::move(*error)});
        asio::post(io_, [weak = weak_from_this()] {
            if (const auto self = weak.lock()) self->deliver();
        });
        return id;
    }
    auto call = std::make_unique<Call>();
    call->id = id;
    call->request = std::move(request);
    call->done = std::move(done);
    call->allow_private_addresses = options_.allow_private_addresses;
    call->easy.reset(curl_easy_init());
    CHECK(call->easy != nullptr);
    set(call->easy.get(), CURLOPT_URL, call->request.url.c_str());
    limit(*call);
    set_limits(*call, options_.allow_http);
    if (!options_.ca_file.empty()) {
        set(call->easy.get(), CURLOPT_CAINFO, options_.ca_file.c_str());
        set(call->easy.get(), CURLOPT_CAPATH, static_cast<const char*>(nullptr));
    }
    set_callbacks(*call);
    set_method(*call);
    set_headers(*call);
    CHECK(curl_multi_add_handle(multi_, call->easy.get()) == CURLM_OK);
    calls_.emplace(id, std::move(call));
    return id;
}

void CurlHttpClient::Engine::limit(Call& call) {
    const HttpRequest& request = call.request;
    const auto counted = [&](Millis most, const std::string& message) {
        return std::make_shared<Countdown>(io_, most,
                                           [this, id = call.id, message] { give_up(id, message); });
    };
    const std::string within = std::to_string(request.timeout.count()) + " ms";
    if (!request.on_piece) {
        call.limit = counted(request.timeout, "there was no whole answer within " + within);
        call.limit->begin();
    }
    if (request.on_piece || request.body_timeout) {
        call.silence =
            counted(request.body_timeout.value_or(request.timeout), "nothing came for " + within);
        if (request.on_piece) call.silence->begin();
    }
}

void CurlHttpClient::Engine::give_up(std::uint64_t id, const std::string& message) {
    Call& call = *calls_.at(id);
    call.given_up = true;
    if (call.is_looking_up()) return;
    call.tell(message);
    end(id, CURLE_OPERATION_TIMEDOUT);
    deliver();
}

void CurlHttpClient::Engine::cancel(std::uint64_t id) {
    const auto at = calls_.find(id);
    if (at == calls_.end()) {
        std::erase_if(answered_, [id](const Answered& answered) { return answered.id == id; });
    } else if (at->second->is_looking_up()) {
        at->second->given_up = true;
        at->second->done = nullptr;
        ++look_ups_left_;
    } else {
        curl_multi_remove_handle(multi_, at->second->easy.get());
        calls_.erase(at);
    }
}

int CurlHttpClient::Engine::on_socket(CURL*, curl_socket_t socket, int what, void* self, void*) {
    auto& engine = *static_cast<Engine*>(self);
    if (what == CURL_POLL_REMOVE) {
        engine.unwatch(socket);
        return 0;
    }
    const auto watch = engine.watch(socket);
    if (!watch) return 0;
    watch->wanted = ((what & CURL_POLL_IN) != 0 ? CURL_CSELECT_IN : 0) |
                    ((what & CURL_POLL_OUT) != 0 ? CURL_CSELECT_OUT : 0);
    engine.wait(watch, CURL_CSELECT_IN);
    engine.wait(watch, CURL_CSELECT_OUT);
    return 0;
}

int CurlHttpClient::Engine::on_timer(CURLM*, long timeout_ms, void* self) {
    auto& engine = *static_cast<Engine*>(self);
    if (timeout_ms < 0) {
        engine.timer_.cancel();
        return 0;
    }
    engine.timer_.expires_after(Millis{timeout_ms});
    engine.timer_.async_wait(
        [weak = engine.weak_from_this()](const boost::system::error_code& error) {
            const auto alive = weak.lock();
            if (alive && !error) alive->act(CURL_SOCKET_TIMEOUT, 0);
        });
    return 0;
}

std::shared_ptr<CurlHttpClient::Engine::Watch> CurlHttpClient::Engine::watch(curl_socket_t socket) {
    const auto at = watches_.find(socket);
    if (at != watches_.end()) return at->second;
    auto watch = std::make_shared<Watch>(
        Watch{.descriptor = asio::posix::stream_descriptor{io_}, .socket = socket});
    boost::system::error_code error;
    watch->descriptor.assign(socket, error);
    if (error) {
        // libcurl must hear of it, but not from within its own call.
        act_later(socket, CURL_CSELECT_ERR);
        return nullptr;
    }
    watches_.emplace(socket, watch);
    return watch;
}

// libcurl calls this before it closes the socket, so the number cannot be another socket's yet.
void CurlHttpClient::Engine::unwatch(curl_socket_t socket) {
    const auto at = watches_.find(socket);
    if (at == watches_.end()) return;
    at->second->over = true;
    at->second->descriptor.release();
    watches_.erase(at);
}

void CurlHttpClient::Engine::wait(const std::shared_ptr<Watch>& watch, int event) {
    if ((watch->wanted & event) == 0 || (watch->pending & event) != 0) return;
    watch->pending |= event;
    const auto direction = event == CURL_CSELECT_IN ? asio::posix::descriptor_base::wait_read
                                                    : asio::posix::descriptor_base::wait_write;
    watch->descriptor.async_wait(
        direction, [weak = weak_from_this(), watch, event](const boost::system::error_code& error) {
            watch->pending &= ~event;
            const auto self = weak.lock();
            // It may be over since, or wait for something else, or the socket be another's.
            if (!self || watch->over || (watch->wanted & event) == 0) return;
            self->act(watch->socket, error ? CURL_CSELECT_ERR : event);
            if (!watch->over) self->wait(watch, event);
        });
}

void CurlHttpClient::Engine::act(curl_socket_t socket, int events) {
    int running = 0;
    CHECK(curl_multi_socket_action(multi_, socket, events, &running) == CURLM_OK);
    collect();
    deliver();
}

void CurlHttpClient::Engine::act_later(curl_socket_t socket, int events) {
    asio::post(io_, [weak = weak_from_this(), socket, events] {
        if (const auto self = weak.lock()) self->act(socket, events);
    });
}

void CurlHttpClient::Engine::collect() {
    int left = 0;
    while (const CURLMsg* const message = curl_multi_info_read(multi_, &left)) {
        if (message->msg != CURLMSG_DONE) continue;
        const CURLcode code = message->data.result;
        void* pointer = nullptr;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &pointer);
        end(static_cast<Call*>(pointer)->id, code);
    }
}

// Delivers the result of the request.
void CurlHttpClient::Engine::end(std::uint64_t id, CURLcode code) {
    const auto at = calls_.find(id);
    Call& call = *at->second;
    curl_multi_remove_handle(multi_, call.easy.get());
    if (code != CURLE_OPERATION_TIMEDOUT && call.given_up) {
        code = CURLE_OPERATION_TIMEDOUT;
        call.tell("its name was not found within " + std::to_string(call.request.timeout.count()) +
                  " ms");
    }
    if (call.done) {
        answered_.push_back({id, std::move(call.done), answer_of(call, code)});
    } else {
        --look_ups_left_;
    }
    calls_.erase(at);
}

void CurlHttpClient::Engine::deliver() {
    while (!answered_.empty()) {
        Answered first = std::move(answered_.front());
        answered_.pop_front();
        first.done(std::move(first.answer));
    }
}

CurlHttpClient::CurlHttpClient(boost::asio::io_context& io, Options options)
    : engine_(std::make_shared<Engine>(io, std::move(options))) {}

CurlHttpClient::~CurlHttpClient() = default;

std::uint64_t CurlHttpClient::send(HttpRequest request, Done done) {
    return engine_->send(std::move(request), std::move(done));
}

void CurlHttpClient::cancel(std::uint64_t request) {
    engine_->cancel(request);
}

}  // namespace slipway
