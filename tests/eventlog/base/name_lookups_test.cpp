// A look-up of a name that outlives its request. libcurl looks names up on threads that nobody can
// end: what is given up meanwhile must not leave one behind, uncounted.

#include "eventlog/base/curl_http_client.h"

#include <boost/asio/io_context.hpp>
#include <dlfcn.h>
#include <gtest/gtest.h>
#include <netdb.h>

#include <condition_variable>
#include <cstring>
#include <mutex>
#include <string_view>

namespace slipway {
namespace {

// A resolver that does not answer until it is let go.
struct SilentResolver {
    std::mutex mutex;
    std::condition_variable changed;
    bool is_silent = true;
    int asked = 0;
    int ended = 0;

    int look_up() {
        std::unique_lock lock{mutex};
        ++asked;
        changed.notify_all();
        changed.wait(lock, [this] { return !is_silent; });
        ++ended;
        changed.notify_all();
        return EAI_AGAIN;
    }
    void let_go() {
        const std::lock_guard lock{mutex};
        is_silent = false;
        changed.notify_all();
    }
};

SilentResolver& resolver() {
    static SilentResolver one;
    return one;
}

struct NameLookups : testing::Test {
    NameLookups() { resolver().is_silent = true; }
    ~NameLookups() override { resolver().let_go(); }

    std::uint64_t send(Millis timeout) {
        HttpRequest request;
        request.method = "GET";
        request.url = "https://never.silent.test/";
        request.timeout = timeout;
        return client.send(std::move(request),
                           [this](HttpClient::Answer answer) { answers.push_back(answer); });
    }
    void run_for(Millis duration) {
        io.restart();
        io.run_for(duration);
    }
    template <class There>
    void run_until(const There& there) {
        io.restart();
        while (!there()) ASSERT_GT(io.run_one_for(Seconds{30}), 0U) << "nothing came";
    }

    boost::asio::io_context io;
    CurlHttpClient client{io, {}};
    std::vector<HttpClient::Answer> answers;
};

TEST_F(NameLookups, ThatOutliveTheTimeLimitAreAnsweredWhenTheyHaveEnded) {
    send(Millis{10});
    run_for(Millis{100});
    EXPECT_TRUE(answers.empty()) << "it was answered, and its look-up goes on";
    resolver().let_go();
    run_until([&] { return !answers.empty(); });
    const auto& error = std::get<HttpError>(answers.front());
    EXPECT_EQ(error.failure, HttpFailure::timed_out);
    EXPECT_FALSE(error.sent);
    EXPECT_EQ(error.message, "its name was not found within 10 ms");
}

TEST_F(NameLookups, OfCancelledRequestsHaveABound) {
    for (std::size_t i = 0; i < CurlHttpClient::kLookUpsLeftMax; ++i)
        client.cancel(send(Seconds{20}));
    send(Seconds{20});
    run_until([&] { return !answers.empty(); });
    const HttpError refusal = std::get<HttpError>(answers.front());
    EXPECT_EQ(refusal.failure, HttpFailure::connect_failed);
    EXPECT_EQ(refusal.message,
              "1000 names of requests that were given up are still being looked up");
    resolver().let_go();
    answers.clear();
    // As soon as one has ended there is room again.
    bool is_sent = false;
    while (!is_sent) {
        send(Seconds{20});
        run_until([&] { return !answers.empty(); });
        is_sent = std::get<HttpError>(answers.front()).message != refusal.message;
        answers.clear();
    }
}

TEST_F(NameLookups, ThatFailInTimeAreAnsweredAsFailed) {
    resolver().let_go();
    send(Seconds{20});
    run_until([&] { return !answers.empty(); });
    EXPECT_EQ(std::get<HttpError>(answers.front()).failure, HttpFailure::connect_failed);
}

}  // namespace
}  // namespace slipway

// In place of the one of the C library, also for libcurl.
extern "C" int getaddrinfo(const char* name, const char* service, const addrinfo* hints,
                           addrinfo** found) {
    if (name != nullptr && std::string_view{name}.ends_with(".silent.test")) {
        return slipway::resolver().look_up();
    }
    using Function = int (*)(const char*, const char*, const addrinfo*, addrinfo**);
    void* const symbol = dlsym(RTLD_NEXT, "getaddrinfo");
    Function real = nullptr;
    std::memcpy(&real, &symbol, sizeof real);
    return real(name, service, hints, found);
}
