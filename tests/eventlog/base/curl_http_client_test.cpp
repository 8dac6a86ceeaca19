#include "eventlog/base/curl_http_client.h"

#include "tests/eventlog/base/socket_server.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>

namespace slipway {
namespace {

namespace asio = boost::asio;

using Answer = std::variant<HttpResponse, HttpError>;
using Reply = SocketServer::Reply;
using Then = SocketServer::Then;

const CurlHttpClient::Options kAnything{.allow_http = true, .allow_private_addresses = true};

HttpRequest get(const std::string& url) {
    HttpRequest request;
    request.method = "GET";
    request.url = url;
    request.timeout = Seconds{20};
    return request;
}

HttpRequest post(const std::string& url, const std::string& body) {
    HttpRequest request = get(url);
    request.method = "POST";
    request.body = body;
    return request;
}

// A client on an io_context of its own, driven until it has answered.
struct Scene {
    explicit Scene(CurlHttpClient::Options options = kAnything) : client(io, options) {}

    // The answers in the order they came.
    std::vector<Answer> ask(const std::vector<HttpRequest>& requests) {
        std::vector<Answer> answers;
        for (const auto& request : requests) {
            client.send(request, [&](Answer answer) { answers.push_back(std::move(answer)); });
        }
        run_until([&] { return answers.size() == requests.size(); });
        return answers;
    }
    Answer ask(const HttpRequest& request) { return ask(std::vector{request}).front(); }

    void run_until(const std::function<bool()>& there) {
        io.restart();
        while (!there()) ASSERT_GT(io.run_one_for(Seconds{30}), 0U) << "nothing came";
    }

    asio::io_context io;
    CurlHttpClient client;
};

const HttpResponse& response_of(const Answer& answer) {
    static const HttpResponse none;
    const auto* const error = std::get_if<HttpError>(&answer);
    EXPECT_EQ(error, nullptr) << (error != nullptr ? error->message : "");
    return error == nullptr ? std::get<HttpResponse>(answer) : none;
}

HttpError error_of(const Answer& answer) {
    EXPECT_TRUE(std::holds_alternative<HttpError>(answer));
    return std::holds_alternative<HttpError>(answer) ? std::get<HttpError>(answer) : HttpError{};
}

SocketServer::Answer always(Reply reply) {
    return [reply](const std::string&) { return reply; };
}

TEST(CurlHttpClient, SendsTheRequestAsItIsAndAnswersWithWhatCame) {
    Scene scene;
    SocketServer server{scene.io,
                        always({http_answer("made", "201 Created", "X-One: 1\r\nx-TWO:  2 \r\n")})};
    HttpRequest request = post(server.url("/hook?a=b"), R"({"a":1})");
    request.headers = {
        {"Content-Type", "application/json"}, {"webhook-id", "dep_1"}, {"Empty", ""}};
    const Answer answer = scene.ask(request);
    const HttpResponse& response = response_of(answer);
    EXPECT_EQ(response.status, 201);
    EXPECT_EQ(response.body, "made");
    ASSERT_NE(response.header("x-one"), nullptr);
    EXPECT_EQ(*response.header("x-one"), "1");
    EXPECT_EQ(*response.header("x-two"), "2");
    EXPECT_EQ(response.header("x-three"), nullptr);
    const std::string sent = server.requests().at(0);
    EXPECT_TRUE(sent.starts_with("POST /hook?a=b HTTP/1.1\r\n")) << sent;
    EXPECT_TRUE(sent.ends_with("\r\n\r\n{\"a\":1}")) << sent;
    EXPECT_NE(sent.find("webhook-id: dep_1\r\n"), std::string::npos) << sent;
    EXPECT_NE(sent.find("Empty:\r\n"), std::string::npos) << sent;
    for (const auto* absent : {"Expect", "Accept-Encoding", "Authorization", "Cookie"}) {
        EXPECT_EQ(sent.find(absent), std::string::npos) << sent;
    }
}

TEST(CurlHttpClient, SendsOtherMethodsAndAnEmptyBody) {
    Scene scene;
    SocketServer server{scene.io, always({http_answer("")})};
    HttpRequest request = post(server.url(), "");
    request.method = "PUT";
    response_of(scene.ask(request));
    response_of(scene.ask(get(server.url())));
    EXPECT_TRUE(server.requests().at(0).starts_with("PUT / HTTP/1.1\r\n"));
    EXPECT_NE(server.requests().at(0).find("Content-Length: 0\r\n"), std::string::npos);
    EXPECT_EQ(server.requests().at(0).find("Content-Type"), std::string::npos);
    EXPECT_TRUE(server.requests().at(1).starts_with("GET / HTTP/1.1\r\n"));
}

TEST(CurlHttpClient, SendsABodyOfSeveralPackets) {
    Scene scene;
    SocketServer server{scene.io, always({http_answer("ok")})};
    const std::string body(1 << 20, 'b');
    response_of(scene.ask(post(server.url(), body)));
    EXPECT_TRUE(server.requests().at(0).ends_with(body));
}

TEST(CurlHttpClient, UsesAConnectionAgain) {
    Scene scene;
    SocketServer server{scene.io, always({http_answer("ok")})};
    for (int i = 0; i < 10; ++i) response_of(scene.ask(post(server.url(), "x")));
    EXPECT_EQ(server.connections(), 1U);
    EXPECT_EQ(server.requests().size(), 10U);
}

TEST(CurlHttpClient, AnswersManyAtOnceEachWithItsOwn) {
    constexpr int kRequests = 200;
    Scene scene;
    SocketServer server{scene.io, [](const std::string& request) {
                            return Reply{http_answer(request.substr(request.find("\r\n\r\n") + 4))};
                        }};
    std::map<std::uint64_t, std::string> bodies;
    for (int i = 0; i < kRequests; ++i) {
        const std::string body = std::to_string(i);
        scene.client.send(post(server.url(), body), [&bodies, i](const Answer& answer) {
            bodies[static_cast<std::uint64_t>(i)] = response_of(answer).body;
        });
    }
    scene.run_until([&] { return bodies.size() == kRequests; });
    for (const auto& [number, body] : bodies) EXPECT_EQ(body, std::to_string(number));
}

TEST(CurlHttpClient, ReplacesAKeptConnectionThatHasDied) {
    Scene scene;
    int count = 0;
    SocketServer server{
        scene.io, [&](const std::string&) {
            return Reply{http_answer("ok"), ++count == 1 ? Then::close : Then::keep};
        }};
    response_of(scene.ask(post(server.url(), "first")));
    scene.io.restart();
    scene.io.poll();  // the server closes
    EXPECT_EQ(response_of(scene.ask(post(server.url(), "second"))).status, 200);
    EXPECT_EQ(server.connections(), 2U);
}

TEST(CurlHttpClient, SendsARequestOnceThoughAKeptConnectionEndsUnderIt) {
    constexpr std::size_t kKept = 6;
    Scene scene;
    SocketServer server{scene.io, [](const std::string& request) {
                            const bool ends = request.starts_with("POST /ends");
                            return ends ? Reply{"", Then::close} : Reply{http_answer("ok")};
                        }};
    scene.ask(std::vector<HttpRequest>(kKept, post(server.url(), "x")));
    const HttpError error = error_of(scene.ask(post(server.url("/ends"), "x")));
    EXPECT_EQ(error.failure, HttpFailure::connection_lost);
    EXPECT_TRUE(error.sent);
    EXPECT_EQ(error.message, "the connection ended before the answer");
    EXPECT_EQ(server.requests().size(), kKept + 1);
}

TEST(CurlHttpClient, GivesUpWhenTheTimeIsOver) {
    Scene scene;
    SocketServer server{scene.io, always({"", Then::hang})};
    HttpRequest request = post(server.url(), "x");
    request.timeout = Millis{50};
    const HttpError error = error_of(scene.ask(request));
    EXPECT_EQ(error.failure, HttpFailure::timed_out);
    EXPECT_TRUE(error.sent);
}

TEST(CurlHttpClient, GivesUpOnAnAnswerThatTricklesIn) {
    Scene scene;
    SocketServer server{scene.io,
                        always({"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart", Then::hang})};
    HttpRequest request = post(server.url(), "x");
    request.timeout = Millis{50};
    EXPECT_EQ(error_of(scene.ask(request)).failure, HttpFailure::timed_out);
}

TEST(CurlHttpClient, CutsAnAnswerThatIsTooLarge) {
    Scene scene;
    SocketServer server{scene.io, always({http_answer(std::string(100'000, 'x'))})};
    HttpRequest request = get(server.url());
    request.response_bytes_max = 1'000;
    const HttpError error = error_of(scene.ask(request));
    EXPECT_EQ(error.failure, HttpFailure::response_too_large);
    EXPECT_TRUE(error.sent);
    EXPECT_EQ(error.message, "the answer has more than 1000 bytes");
}

TEST(CurlHttpClient, CountsHeadersAndInterimAnswersToo) {
    Scene scene;
    std::string flood;
    for (int i = 0; i < 100; ++i) flood += "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n";
    SocketServer server{scene.io, always({flood + http_answer("ok")})};
    HttpRequest request = get(server.url());
    EXPECT_EQ(response_of(scene.ask(request)).headers.size(), 1U);
    request.response_bytes_max = 1'000;
    EXPECT_EQ(error_of(scene.ask(request)).failure, HttpFailure::response_too_large);
}

TEST(CurlHttpClient, TellsALostConnectionFromOneThatNeverWas) {
    Scene scene;
    for (const auto then : {Then::reset, Then::close}) {
        SocketServer server{scene.io, always({"", then})};
        const std::string url = server.url();
        const HttpError lost = error_of(scene.ask(post(url, "x")));
        EXPECT_EQ(lost.failure, HttpFailure::connection_lost) << lost.message;
        EXPECT_TRUE(lost.sent);
        server.close();
        const HttpError refused = error_of(scene.ask(post(url, "x")));
        EXPECT_EQ(refused.failure, HttpFailure::connect_failed) << refused.message;
        EXPECT_FALSE(refused.sent);
    }
}

TEST(CurlHttpClient, TakesNoAnswerThatIsNotWhole) {
    for (const std::string bytes :
         {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort", "HTTP/1.1 200 OK\r\nContent-Le",
          "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n", "HTTP/1.1 100 Continue\r\n\r\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "no HTTP at all\r\n\r\n",
          "SSH-2.0-OpenSSH_9.2\r\n"}) {
        Scene scene;
        SocketServer server{scene.io, always({bytes, Then::close})};
        const HttpError error = error_of(scene.ask(get(server.url())));
        EXPECT_EQ(error.failure, HttpFailure::connection_lost) << bytes << error.message;
        EXPECT_TRUE(error.sent);
    }
}

TEST(CurlHttpClient, TakesAnAnswerByItsHeadIfThatDecides) {
    const std::string chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    const std::string sized = "HTTP/1.1 200 OK\r\nContent-Length: ";
    for (const auto& [reply, body] : std::vector<std::pair<Reply, std::string>>{
             {{http_answer("whole")}, "whole"},
             {{sized + "10\r\n\r\nshort", Then::close}, "short"},
             {{sized + "10\r\n\r\nshort", Then::reset}, "short"},
             {{sized + "10\r\n\r\nslow", Then::hang}, "slow"},
             {{sized + "10\r\n\r\n", Then::hang}, ""},
             {{sized + "1000\r\n\r\n" + std::string(1'000, 'x')}, std::string(959, 'x')},
             {{sized + "ten\r\n\r\n", Then::close}, ""},
             {{chunked + "zz\r\n", Then::close}, ""},
             {{chunked + "2\r\nok\r\n0\r\nRetry-After: 9\r\n", Then::hang}, "ok"},
         }) {
        Scene scene;
        SocketServer server{scene.io, always(reply)};
        HttpRequest request = post(server.url(), "x");
        request.response_bytes_max = 1'000;
        request.body_timeout = Millis{50};
        const Answer answer = scene.ask(request);
        EXPECT_EQ(response_of(answer).status, 200) << reply.bytes;
        EXPECT_EQ(response_of(answer).body, body) << reply.bytes;
        EXPECT_EQ(response_of(answer).header("retry-after"), nullptr) << "it is in a trailer";
    }
}

TEST(CurlHttpClient, TakesNoAnswerWithoutAHeadEvenIfThatDecides) {
    for (const auto& [reply, failure] : std::vector<std::pair<Reply, HttpFailure>>{
             {{"HTTP/1.1 200 OK\r\nX: 1\r\n", Then::close}, HttpFailure::connection_lost},
             {{"HTTP/1.1 100 Continue\r\n\r\n", Then::close}, HttpFailure::connection_lost},
             {{"HTTP/1.1 100 Continue\r\n\r\n", Then::hang}, HttpFailure::timed_out},
             {{"HTTP/1.1 200 OK\r\nX: 1\r\n", Then::hang}, HttpFailure::timed_out},
             {{"no HTTP at all\r\n\r\n", Then::close}, HttpFailure::connection_lost},
         }) {
        Scene scene;
        SocketServer server{scene.io, always(reply)};
        HttpRequest request = post(server.url(), "x");
        request.timeout = Millis{200};
        request.body_timeout = Millis{50};
        EXPECT_EQ(error_of(scene.ask(request)).failure, failure) << reply.bytes;
    }
}

TEST(CurlHttpClient, TakesTheStatusOfAnAnswerWhoseHeadersAreTooLargeIfTheHeadDecides) {
    std::string lines;
    for (int i = 0; i < 1'000; ++i) lines += "X-Line: y\r\n";
    const std::string hint = "HTTP/1.1 103 Early Hints\r\n";
    for (const auto then : {Then::keep, Then::close, Then::hang}) {
        for (const int status : {200, 202, 503}) {
            Scene scene;
            const std::string head = "HTTP/1.1 " + std::to_string(status) + " So\r\n";
            SocketServer server{scene.io, always({hint + "\r\n" + head + lines + "\r\n", then})};
            HttpRequest request = post(server.url(), "x");
            request.response_bytes_max = 1'000;
            request.body_timeout = Millis{50};
            EXPECT_EQ(response_of(scene.ask(request)).status, status);
            request.body_timeout.reset();
            const HttpError error = error_of(scene.ask(request));
            EXPECT_EQ(error.failure, HttpFailure::response_too_large) << error.message;
        }
    }
    Scene scene;
    SocketServer server{scene.io, always({hint + lines, Then::hang})};
    HttpRequest request = post(server.url(), "x");
    request.response_bytes_max = 1'000;
    request.body_timeout = Millis{50};
    EXPECT_EQ(error_of(scene.ask(request)).failure, HttpFailure::response_too_large)
        << "of an interim answer";
}

// A chunk of a body that goes on.
std::string chunk(const std::string& text) {
    return std::to_string(text.size()) + "\r\n" + text + "\r\n";
}

constexpr auto kChunked = "HTTP/1.1 200 OK\r\nX-One: 1\r\nTransfer-Encoding: chunked\r\n\r\n";

// Asks for what goes on, and keeps what it was shown.
struct Following {
    Answer ask(Scene& scene, const std::string& url, std::size_t wanted = 100) {
        HttpRequest request = get(url);
        request.timeout = timeout;
        request.response_bytes_max = 200;
        request.on_piece = [this, wanted](const HttpResponse& head, std::string_view piece) {
            EXPECT_EQ(head.status, 200);
            EXPECT_NE(head.header("x-one"), nullptr);
            pieces += piece;
            return pieces.size() < wanted;
        };
        return scene.ask(request);
    }

    Millis timeout{20'000};
    std::string pieces;
};

TEST(CurlHttpClient, ShowsABodyThatGoesOnAndKeepsNothingOfIt) {
    Scene scene;
    const std::string body = chunk("abcde") + chunk("fgh") + "0\r\n\r\n";
    SocketServer server{scene.io, always({kChunked + body})};
    Following following;
    const Answer answer = following.ask(scene, server.url());
    EXPECT_EQ(response_of(answer).status, 200);
    EXPECT_EQ(response_of(answer).body, "");
    EXPECT_EQ(following.pieces, "abcdefgh");
}

TEST(CurlHttpClient, ShowsABodyWithoutALimit) {
    Scene scene;
    SocketServer server{scene.io,
                        always({http_answer(std::string(100'000, 'x'), "200 OK", "X-One: 1\r\n")})};
    Following following;
    EXPECT_EQ(response_of(following.ask(scene, server.url(), 1'000'000)).status, 200);
    EXPECT_EQ(following.pieces.size(), 100'000U);
}

TEST(CurlHttpClient, EndsABodyOfWhichThereWasEnough) {
    Scene scene;
    SocketServer server{scene.io, always({kChunked + chunk("abcde"), Then::hang})};
    Following following;
    EXPECT_EQ(response_of(following.ask(scene, server.url(), 5)).status, 200);
    EXPECT_EQ(following.pieces, "abcde");
}

TEST(CurlHttpClient, TellsABodyThatBrokeOffOrFellSilentFromOneThatEnded) {
    for (const auto& [then, failure] : {std::pair{Then::close, HttpFailure::connection_lost},
                                        std::pair{Then::hang, HttpFailure::timed_out}}) {
        Scene scene;
        SocketServer server{scene.io, always({kChunked + chunk("abcde"), then})};
        Following following;
        if (then == Then::hang) following.timeout = Millis{50};
        EXPECT_EQ(error_of(following.ask(scene, server.url())).failure, failure);
        EXPECT_EQ(following.pieces, "abcde");
    }
}

TEST(CurlHttpClient, GivesUpWhereNothingThatGoesOnBegins) {
    Scene scene;
    SocketServer server{scene.io, always({"", Then::hang})};
    Following following;
    following.timeout = Millis{50};
    const HttpError error = error_of(following.ask(scene, server.url()));
    EXPECT_EQ(error.failure, HttpFailure::timed_out);
    EXPECT_EQ(error.message, "nothing came for 50 ms");
    EXPECT_TRUE(error.sent);
}

TEST(CurlHttpClient, ShowsNothingOfARefusal) {
    Scene scene;
    SocketServer server{scene.io, always({http_answer("why", "403 Forbidden")})};
    Following following;
    const Answer answer = following.ask(scene, server.url());
    EXPECT_EQ(response_of(answer).status, 403);
    EXPECT_EQ(response_of(answer).body, "why");
    EXPECT_EQ(following.pieces, "");
}

TEST(CurlHttpClient, FollowsNoRedirect) {
    Scene scene;
    SocketServer server{scene.io,
                        always({http_answer("", "302 Found", "Location: /elsewhere\r\n")})};
    const Answer answer = scene.ask(post(server.url(), "x"));
    EXPECT_EQ(response_of(answer).status, 302);
    EXPECT_EQ(*response_of(answer).header("location"), "/elsewhere");
    EXPECT_EQ(server.requests().size(), 1U);
}

TEST(CurlHttpClient, UnpacksNothing) {
    Scene scene;
    SocketServer server{scene.io,
                        always({http_answer("bytes", "200 OK", "Content-Encoding: gzip\r\n")})};
    EXPECT_EQ(response_of(scene.ask(get(server.url()))).body, "bytes");
}

TEST(CurlHttpClient, RefusesAddressesThatAreNotPublic) {
    Scene scene{{.allow_http = true}};
    SocketServer server{scene.io, always({http_answer("secret")})};
    const auto port = server.url().substr(server.url().rfind(':'));
    for (const std::string host :
         {"127.0.0.1", "localhost", "0.0.0.0", "0", "2130706433", "0x7f.1", "0177.0.0.1", "[::1]",
          "[::ffff:127.0.0.1]", "[::]", "169.254.169.254", "10.0.0.1", "[fe80::1]",
          "[64:ff9b::7f00:1]"}) {
        const HttpError error = error_of(scene.ask(get("http://" + host + port)));
        EXPECT_EQ(error.failure, HttpFailure::address_refused) << host << ": " << error.message;
        EXPECT_FALSE(error.sent) << host;
    }
    EXPECT_EQ(server.connections(), 0U);
}

TEST(CurlHttpClient, RefusesOtherProtocolsAndWhatItCannotSend) {
    Scene strict{{.allow_private_addresses = true}};
    EXPECT_EQ(error_of(strict.ask(get("http://127.0.0.1:1/"))).failure,
              HttpFailure::invalid_request);
    Scene scene;
    for (const std::string url :
         {"file:///etc/passwd", "gopher://127.0.0.1/", "ftp://127.0.0.1/", "dict://127.0.0.1/",
          "http://user:password@127.0.0.1/", "", "http://", "http:// /", "http://a\r\nb/",
          "http://127.0.0.1:99999/"}) {
        const HttpError error = error_of(scene.ask(get(url)));
        EXPECT_EQ(error.failure, HttpFailure::invalid_request) << url << ": " << error.message;
        EXPECT_FALSE(error.sent);
    }
    std::vector<HttpRequest> requests(5, get("http://127.0.0.1:1/"));
    requests[0].method = "GET /other HTTP/1.1\r\nX:";
    requests[1].headers = {{"X", "a\r\nY: b"}};
    requests[2].headers = {{"X: a\r\nY", "b"}};
    requests[3].headers = {{"X", std::string("a\0b", 3)}};
    requests[4].timeout = Millis{0};
    for (const auto& answer : scene.ask(requests)) {
        EXPECT_EQ(error_of(answer).failure, HttpFailure::invalid_request);
    }
}

TEST(CurlHttpClient, TrustsNoServerThatDoesNotProveItself) {
    Scene scene;
    SocketServer server{scene.io, always({http_answer("ok"), Then::close})};
    HttpRequest request = get("https" + server.url().substr(4));
    request.timeout = Millis{500};
    const HttpError error = error_of(scene.ask(request));
    EXPECT_FALSE(error.sent) << error.message;
}

TEST(CurlHttpClient, IgnoresTheProxyOfTheEnvironment) {
    ::setenv("http_proxy", "http://127.0.0.1:1/", 1);
    ::setenv("ALL_PROXY", "http://127.0.0.1:1/", 1);
    Scene scene;
    SocketServer server{scene.io, always({http_answer("ok")})};
    EXPECT_EQ(response_of(scene.ask(get(server.url()))).status, 200);
    ::unsetenv("http_proxy");
    ::unsetenv("ALL_PROXY");
}

TEST(CurlHttpClient, NeverAnswersBeforeSendHasReturned) {
    Scene scene;
    bool returned = false;
    bool answered = false;
    scene.client.send(get("no url"), [&](const Answer&) {
        EXPECT_TRUE(returned);
        answered = true;
    });
    returned = true;
    scene.run_until([&] { return answered; });
}

TEST(CurlHttpClient, LetsAnAnswerSendAndCancel) {
    Scene scene;
    SocketServer server{scene.io, always({http_answer("ok")})};
    SocketServer silent{scene.io, always({"", Then::hang})};
    const std::uint64_t other =
        scene.client.send(get(silent.url()), [](const Answer&) { ADD_FAILURE() << "cancelled"; });
    int answers = 0;
    std::function<void(const Answer&)> again = [&](const Answer& answer) {
        EXPECT_EQ(response_of(answer).status, 200);
        scene.client.cancel(other);
        if (++answers < 20) scene.client.send(get(server.url()), again);
    };
    scene.client.send(get(server.url()), again);
    scene.run_until([&] { return answers == 20; });
}

TEST(CurlHttpClient, DoesNotAnswerWhatWasCancelled) {
    Scene scene;
    SocketServer server{scene.io, always({http_answer("ok")})};
    const auto never = [](const Answer&) { ADD_FAILURE() << "cancelled"; };
    scene.client.cancel(scene.client.send(get(server.url()), never));
    scene.client.cancel(scene.client.send(get("no url"), never));
    scene.client.cancel(scene.client.send(get("http://a-name-nobody-has.invalid/"), never));
    std::uint64_t second = 0;
    scene.client.send(get("no url"), [&](const Answer&) { scene.client.cancel(second); });
    second = scene.client.send(get("no url"), never);
    EXPECT_EQ(response_of(scene.ask(get(server.url()))).status, 200);
    scene.client.cancel(second);
    scene.client.cancel(12'345);
}

TEST(CurlHttpClient, CanBeDestroyedWithRequestsUnderWay) {
    asio::io_context io;
    SocketServer server{io, always({"", Then::hang})};
    {
        CurlHttpClient client{io, kAnything};
        for (int i = 0; i < 10; ++i) {
            client.send(get(server.url()), [](const Answer&) { ADD_FAILURE() << "given up"; });
        }
        while (server.requests().size() < 10) ASSERT_GT(io.run_one_for(Seconds{30}), 0U);
    }
    server.close();
    io.poll();
}

}  // namespace
}  // namespace slipway
