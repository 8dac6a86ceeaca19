#include "server/http/request_reader.h"

#include "tests/support/manual_clock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

namespace slipway {
namespace {

using Step = RequestReader::Step;

class Ids : public IdSource {
  public:
    Uuid next(Instant) override { return {}; }
    std::uint64_t random_below(std::uint64_t) override { return 0; }
};

// What a client sends, a number of bytes at a time, until the reader has had enough.
class ReadRequest : public testing::Test {
  public:
    Step send(std::string_view bytes, std::size_t at_once = 1'000'000) {
        Step step = reader.read();
        while (!bytes.empty()) {
            if (step == Step::has_head) {
                step = reader.read();
                continue;
            }
            if (step != Step::needs_bytes) break;
            const auto room = reader.room();
            const auto size = std::min({room.size(), bytes.size(), at_once});
            std::copy_n(bytes.begin(), size, room.begin());
            reader.filled(size);
            bytes.remove_prefix(size);
            step = reader.read();
        }
        if (step == Step::has_head) step = reader.read();
        return step;
    }

    // The status that the bytes are refused with, whatever the pieces they come in; 200 if they are
    // a request, and 0 if more is awaited.
    static int status_of(const std::string& bytes) {
        int status = 0;
        for (const std::size_t at_once : {1'000'000U, 1U, 7U}) {
            const auto before = std::exchange(status, status_with(bytes, at_once));
            if (at_once == 1'000'000U) continue;
            EXPECT_EQ(before, status) << bytes.substr(0, 200);
        }
        return status;
    }

    static int status_with(const std::string& bytes, std::size_t at_once) {
        ReadRequest one;
        switch (one.send(bytes, at_once)) {
            case Step::has_request:
                return 200;
            case Step::refused:
                return one.reader.refusal().status;
            default:
                return 0;
        }
    }

    void TestBody() override {}

    Ids ids;
    ManualClock clock;
    RequestReader reader{ids, clock};
};

std::string get(std::string_view headers, std::string_view target = "/healthz") {
    return "GET " + std::string{target} + " HTTP/1.1\r\n" + std::string{headers} + "\r\n";
}

std::string post(std::string_view headers, std::string_view body) {
    return "POST /v1/apps HTTP/1.1\r\nHost: a\r\n" + std::string{headers} + "\r\n" +
           std::string{body};
}

TEST_F(ReadRequest, ThatComesWholeOrByteByByte) {
    const std::string bytes =
        post("Content-Length: 4\r\nAuthorization: bearer x\r\nX-Request-Id: r-1\r\n", "{  }");
    for (const std::size_t at_once : {1U, 3U, 1'000U}) {
        ReadRequest one;
        ASSERT_EQ(one.send(bytes, at_once), Step::has_request);
        EXPECT_EQ(one.reader.request().method, Method::post);
        EXPECT_EQ(one.reader.request().path, "/v1/apps");
        EXPECT_EQ(one.reader.request().body, "{  }");
        EXPECT_EQ(one.reader.request().authorization, "Bearer x");
        EXPECT_EQ(one.reader.request().request_id, "r-1");
        EXPECT_TRUE(one.reader.keeps_alive());
    }
}

TEST_F(ReadRequest, AndTheOneAfterItFromWhatCameTogether) {
    const std::string chunked =
        post("Transfer-Encoding: chunked\r\n", "2\r\n{ \r\n1\r\n}\r\n0\r\nX: y\r\n\r\n");
    ASSERT_EQ(send(chunked + get("Host: a\r\n")), Step::has_request);
    EXPECT_EQ(reader.request().body, "{ }");
    reader.next();
    ASSERT_EQ(reader.read(), Step::has_request);
    EXPECT_EQ(reader.request().path, "/healthz");
    EXPECT_EQ(reader.request().body, "");
    reader.next();
    EXPECT_EQ(reader.read(), Step::needs_bytes);
}

TEST_F(ReadRequest, OfWhichNoRoomIsKeptOnceItIsAnswered) {
    const std::string large(kBodyBytesMax, ' ');
    ASSERT_EQ(send(post("Content-Length: " + std::to_string(large.size()) + "\r\n", large)),
              Step::has_request);
    reader.next();
    EXPECT_LT(reader.request().body.capacity(), 100U);
}

TEST_F(ReadRequest, OfWhichTrailersChangeNothing) {
    const std::string bytes = post("Transfer-Encoding: chunked\r\n",
                                   "2\r\n{}\r\n0\r\nAuthorization: Bearer x\r\nHost: b\r\n"
                                   "Content-Length: 7\r\nIdempotency-Key: k\r\n\r\n");
    const Step step = send(bytes);
    if (step == Step::refused) {
        EXPECT_EQ(reader.refusal().status, 400);
        return;
    }
    EXPECT_EQ(reader.request().authorization, "");
    EXPECT_EQ(reader.request().idempotency_key, "");
    EXPECT_EQ(reader.request().body, "{}");
}

TEST_F(ReadRequest, WithOneHostThatIsOne) {
    for (const auto* host :
         {"a", "a.example:8080", "127.0.0.1", "[::1]:80", "a_b-c.d:", "[::ffff:1.2.3.4]"}) {
        EXPECT_EQ(status_of(get("Host: " + std::string{host} + "\r\n")), 200) << host;
    }
    for (const auto* host :
         {"",     "a b", "a/b",    "a:b",     "a:123456", "u@a",     "u:w@a", "a,b",
          "[::1", "[]",  "[::1]x", "[::g]",   ":80",      "a\\b",    "a?b",   "a#b",
          "a\tb", "<a>", "\"a\"",  "a:80:90", "http://a", "\xC3\xA4"}) {
        const int status = status_of(get("Host: " + std::string{host} + "\r\n"));
        EXPECT_EQ(status, std::string_view{host} == "a,b" ? 200 : 400) << host;
    }
    EXPECT_EQ(status_of(get("")), 400);
    EXPECT_EQ(status_of(get("Host: a\r\nHost: a\r\n")), 400);
    EXPECT_EQ(status_of(get("Host: a\r\nhost: b\r\n")), 400);
    EXPECT_EQ(status_of("GET /healthz HTTP/1.0\r\n\r\n"), 200);
}

TEST_F(ReadRequest, WhoseEndNobodyMayDoubt) {
    const std::string one = "0\r\n\r\n";
    for (const auto* headers : {
             "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
             "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
             "Content-Length: 5\r\nContent-Length: 5\r\n",
             "Content-Length: 5\r\nContent-Length: 6\r\n",
             "Content-Length: 5, 5\r\n",
             "Content-Length: +5\r\n",
             "Content-Length: -5\r\n",
             "Content-Length: 5 5\r\n",
             "Content-Length: 0x5\r\n",
             "Content-Length: 5.0\r\n",
             "Content-Length: \r\n",
             "Content-Length: 18446744073709551621\r\n",
             "Content-Length:\r\n 5\r\n",
             "Content-Length : 5\r\n",
             " Content-Length: 5\r\n",
             "Content-Length\r\n",
             "Transfer-Encoding: gzip\r\n",
             "Transfer-Encoding: chunked, gzip\r\n",
             "Transfer-Encoding: gzip, chunked\r\n",
             "Transfer-Encoding: identity\r\n",
             "Transfer-Encoding: xchunked\r\n",
             "Transfer-Encoding: chunked, chunked\r\n",
             "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
             "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
             "Transfer-Encoding: chunked;q=1\r\n",
             "Transfer-Encoding: \"chunked\"\r\n",
             "Transfer-Encoding:\r\n chunked\r\n",
             "Transfer-Encoding:\r\n\tchunked\r\n",
             "Transfer-Encoding:\x0b"
             "chunked\r\n",
             "Transfer-Encoding: \r\n",
             "Transfer_Encoding: chunked\r\nTransfer-Encoding: x\r\n",
             "Transfer-Encoding : chunked\r\n",
             "Transfer-Encoding\t: chunked\r\n",
             "Transfer-Encoding: chunked\n",
             "X: a\nTransfer-Encoding: chunked\r\n",
             "X: a\rTransfer-Encoding: chunked\r\n",
             "X: a\r\r\nTransfer-Encoding: chunked\r\n",
             "X: a\r\n\tb\r\n",
             "X: a\x01\r\n",
             "X\x7f: a\r\n",
             ": a\r\n",
             "(X): a\r\n",
             "X Y: a\r\n",
         }) {
        EXPECT_EQ(status_of(post(headers, one)), 400) << headers;
    }
    EXPECT_EQ(status_of(post(std::string_view{"X: a\0b\r\n", 8}, one)), 400);
    EXPECT_EQ(status_of("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n" + one), 400);
    // What looks like it and is not.
    EXPECT_EQ(status_of(post("Transfer-Encoding: Chunked\r\n", one)), 200);
    EXPECT_EQ(status_of(post("Content-Length: \t5 \t\r\n", one)), 200);
    EXPECT_EQ(status_of(post("X: \xC3\xA4\tb\r\nContent-Length: 05\r\n", one)), 200);
}

TEST_F(ReadRequest, InChunksOfWhichEachIsOne) {
    const auto chunks = [](std::string_view body) {
        return post("Transfer-Encoding: chunked\r\n", body);
    };
    for (const auto* body :
         {"2\r\n{}\r\n0\r\n\r\n", "002\r\n{}\r\n000\r\n\r\n", "2;a=b\r\n{}\r\n0;c\r\n\r\n",
          "2;a=\"b\"\r\n{}\r\n0\r\n\r\n", "A\r\n0123456789\r\n0\r\n\r\n"}) {
        EXPECT_EQ(status_of(chunks(body)), 200) << body;
    }
    for (const auto* body : {"\r\n{}\r\n0\r\n\r\n",
                             "x\r\n{}\r\n0\r\n\r\n",
                             "0x2\r\n{}\r\n0\r\n\r\n",
                             "+2\r\n{}\r\n0\r\n\r\n",
                             "-2\r\n{}\r\n0\r\n\r\n",
                             " 2\r\n{}\r\n0\r\n\r\n",
                             "2\n{}\r\n0\r\n\r\n",
                             "2\r{}\r\n0\r\n\r\n",
                             "2\r\n{}0\r\n\r\n",
                             "2\r\n{}\n0\r\n\r\n",
                             "2\r\n{}xx0\r\n\r\n",
                             "2\r\n{}\r\n0\r\nX\r\n\r\n",
                             "2;\na\r\n{}\r\n0\r\n\r\n",
                             "2;a\nb\r\n{}\r\n0\r\n\r\n",
                             "2;a=\"\n\"\r\n{}\r\n0\r\n\r\n",
                             "2 2\r\n{}\r\n0\r\n\r\n",
                             "2;=\r\n{}\r\n0\r\n\r\n",
                             "2\r\n{}\r\n0\r\nX : y\r\n\r\n",
                             "2\r\n{}\r\n0\r\nX: a\nb\r\n\r\n",
                             "2;a=\"\x01\"\r\n{}\r\n0\r\n\r\n",
                             "2\r\n{}\r\n0;a=\"\n\"\r\n\r\n"}) {
        EXPECT_EQ(status_of(chunks(body)), 400) << body;
    }
    EXPECT_NE(status_of(chunks("2\r\n{}\r\n0\n\n")), 200);
    EXPECT_EQ(status_of(chunks("10000000000000002\r\n{}\r\n0\r\n\r\n")), 400);
    EXPECT_EQ(status_of(chunks("fffffffffffffffe\r\n{}\r\n0\r\n\r\n")), 413);
}

TEST_F(ReadRequest, ThatIsNotTooLarge) {
    EXPECT_EQ(status_of(get("Host: a\r\n", "/" + std::string(kTargetBytesMax - 1, 'x'))), 200);
    EXPECT_EQ(status_of(get("Host: a\r\n", "/" + std::string(kTargetBytesMax, 'x'))), 414);
    std::string many = "Host: a\r\n";
    for (std::size_t i = 1; i < kHeadersMax; ++i) many += "a: b\r\n";
    EXPECT_EQ(status_of(get(many)), 200);
    EXPECT_EQ(status_of(get(many + "a: b\r\n")), 431);
    const std::string start = "GET / HTTP/1.1\r\nHost: a\r\nX: ";
    const std::size_t room = kHeadBytesMax - start.size() - 4;
    EXPECT_EQ(status_of(start + std::string(room, 'x') + "\r\n\r\n"), 200);
    EXPECT_EQ(status_of(start + std::string(room + 1, 'x') + "\r\n\r\n"), 431);
    EXPECT_EQ(status_of(std::string(kHeadBytesMax, 'G')), 431);

    const auto length = [](std::size_t size) {
        return "Content-Length: " + std::to_string(size) + "\r\n";
    };
    EXPECT_EQ(status_with(post(length(kBodyBytesMax), std::string(kBodyBytesMax, ' ')), 50'000),
              200);
    EXPECT_EQ(status_of(post(length(kBodyBytesMax + 1), "")), 413);
    const std::string chunk = "10000\r\n" + std::string(65'536, ' ') + "\r\n";
    std::string chunks;
    for (int i = 0; i < 16; ++i) chunks += chunk;
    const std::string chunked = "Transfer-Encoding: chunked\r\n";
    EXPECT_EQ(status_with(post(chunked, chunks + "0\r\n\r\n"), 50'000), 200);
    EXPECT_EQ(status_with(post(chunked, chunks + "1\r\n \r\n0\r\n\r\n"), 50'000), 413);
}

TEST_F(ReadRequest, OfMoreThanIsAroundIt) {
    const auto chunks = [](const std::string& body) {
        return post("Transfer-Encoding: chunked\r\n", body);
    };
    const std::string extension = "1;a=" + std::string(kChunkHeadBytesMax - 100, 'x');
    EXPECT_EQ(status_of(chunks(extension + "\r\n \r\n0\r\n\r\n")), 200);
    // However it comes: what is not read as it comes is not kept.
    EXPECT_EQ(status_with(chunks("1;a=" + std::string(100'000, 'x')), 1'000), 400);
    EXPECT_EQ(status_with(chunks("1\r\n \r\n0\r\nX: " + std::string(100'000, 'x')), 1'000), 400);
    std::string padded;
    while (padded.size() <= kChunkedBytesMax) padded += extension + "\r\n \r\n";
    EXPECT_EQ(status_with(chunks(padded), 50'000), 413);
}

TEST_F(ReadRequest, ThatBeginsWithItsFirstLine) {
    const std::string good = get("Host: a\r\n");
    EXPECT_EQ(status_of("\r\n" + good), 200);
    EXPECT_EQ(status_of("\r\n\r\n" + good), 400);
    EXPECT_EQ(status_of("\n" + good), 400);
    EXPECT_EQ(status_of(" " + good), 400);
    // At once, and not when more has come or time is up.
    EXPECT_EQ(status_of("GET /healthz\r\n"), 400);
    EXPECT_EQ(status_of("GET /healthz HTTP/0.9\r\n"), 400);
    EXPECT_EQ(status_of("GET /healthz HTTP/2.0\r\n"), 400);
    EXPECT_EQ(status_of("GET /healthz HTTP/1.1 \r\n"), 400);
    EXPECT_EQ(status_of("GET /healthz http/1.1\r\n"), 400);
    EXPECT_EQ(status_of("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), 400);
    EXPECT_EQ(status_of("\x16\x03\x01\x02"), 400);
    EXPECT_EQ(status_of("GET /healthz HTTP/1.1\n"), 400);
    for (const auto* line :
         {"GET  /healthz HTTP/1.1", "GET /healthz  HTTP/1.1", "GET\t/healthz HTTP/1.1",
          "GET HTTP/1.1", "/healthz HTTP/1.1", "GET /a b HTTP/1.1", "GET a HTTP/1.1",
          "GET * HTTP/1.1", "CONNECT a:80 HTTP/1.1", "GET ftp://a/ HTTP/1.1",
          "G(T /healthz HTTP/1.1", "GET http://u@a/ HTTP/1.1"}) {
        EXPECT_EQ(status_of(std::string{line} + "\r\nHost: a\r\n\r\n"), 400) << line;
    }
}

TEST_F(ReadRequest, WithNoHeaderTwiceThatProxiesDecideBy) {
    for (const auto* name : {"Authorization", "Content-Type", "Idempotency-Key", "Slipway-Team"}) {
        const std::string line = std::string{name} + ": a\r\n";
        EXPECT_EQ(status_of(get("Host: a\r\n" + line)), 200) << name;
        EXPECT_EQ(status_of(get("Host: a\r\n" + line + line)), 400) << name;
    }
    EXPECT_EQ(status_of(get("Host: a\r\nAccept: a\r\nAccept: b\r\n")), 200);
}

TEST_F(ReadRequest, ThatExpectsNothingElse) {
    const std::string headers = "Content-Length: 2\r\nExpect: ";
    EXPECT_EQ(status_of(post(headers + "200-ok\r\n", "{}")), 417);
    ASSERT_EQ(send(post(headers + "100-continue\r\n", "")), Step::needs_bytes);
    EXPECT_TRUE(reader.waits_to_be_told());
    EXPECT_EQ(reader.announced_bytes(), 2U);
    ASSERT_EQ(send("{}"), Step::has_request);
}

TEST_F(ReadRequest, TakesMemoryForWhatCameAndNotForWhatWasAnnounced) {
    ASSERT_EQ(send(post("Content-Length: 1000000\r\n", "{}")), Step::needs_bytes);
    EXPECT_LT(reader.body_bytes(), 100U);
    EXPECT_LE(reader.room().size(), 4'096U);
    ASSERT_EQ(send(std::string(100'000, ' ')), Step::needs_bytes);
    EXPECT_GE(reader.body_bytes(), 100'000U);
}

TEST_F(ReadRequest, RefusalsSayWhichRequest) {
    ASSERT_EQ(send("GET /healthz HTTP/1.1\r\nX-Request-Id: r-1\r\n\r\n"), Step::refused);
    EXPECT_EQ(reader.request().request_id, "r-1");
    ReadRequest other;
    ASSERT_EQ(other.send("\x01"), Step::refused);
    EXPECT_NE(other.reader.request().request_id, "");
}

}  // namespace
}  // namespace slipway
