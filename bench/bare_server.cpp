// The limit that the server is held against: Beast on one thread, a JSON body read and a JSON reply
// written, and nothing else. With a directory, each request is first durable in LevelDB: a second
// thread takes what waits, writes it as one batch and syncs once.
//
//   slipway-bare-server [DIRECTORY]

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <leveldb/db.h>
#include <leveldb/write_batch.h>
#include <nlohmann/json.hpp>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <iostream>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace slipway {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using Tcp = asio::ip::tcp;
using Done = std::function<void()>;

class Batches {
  public:
    Batches(asio::io_context& io, const std::string& directory) : io_(io) {
        leveldb::Options options;
        options.create_if_missing = true;
        options.write_buffer_size = 16U << 20U;
        leveldb::DB* db = nullptr;
        if (!leveldb::DB::Open(options, directory, &db).ok()) std::abort();
        db_.reset(db);
        thread_ = std::thread{[this] { run(); }};
    }
    Batches(const Batches&) = delete;
    Batches& operator=(const Batches&) = delete;
    ~Batches() {
        {
            const std::lock_guard lock{mutex_};
            stopping_ = true;
        }
        changed_.notify_one();
        thread_.join();
    }

    // Calls `done` on the io thread once `value` is durable.
    void put(std::string value, Done done) {
        {
            const std::lock_guard lock{mutex_};
            waiting_.emplace_back(std::move(value), std::move(done));
        }
        changed_.notify_one();
    }

  private:
    void run() {
        for (;;) {
            std::vector<std::pair<std::string, Done>> group;
            {
                std::unique_lock lock{mutex_};
                changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
                if (waiting_.empty()) return;
                group.swap(waiting_);
            }
            leveldb::WriteBatch batch;
            for (const auto& [value, done] : group) batch.Put(std::to_string(++count_), value);
            leveldb::WriteOptions options;
            options.sync = true;
            if (!db_->Write(options, &batch).ok()) std::abort();
            asio::post(io_, [done = std::move(group)] {
                for (const auto& [value, call] : done) call();
            });
        }
    }

    asio::io_context& io_;
    std::unique_ptr<leveldb::DB> db_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::pair<std::string, Done>> waiting_;
    bool stopping_ = false;
    std::uint64_t count_ = 0;
    std::thread thread_;
};

class Connection : public std::enable_shared_from_this<Connection> {
  public:
    Connection(Tcp::socket socket, Batches* batches)
        : socket_(std::move(socket)), batches_(batches) {
        socket_.set_option(Tcp::no_delay{true});
    }

    void read() {
        request_ = {};
        http::async_read(socket_, buffer_, request_,
                         [self = shared_from_this()](beast::error_code error, std::size_t) {
                             if (!error) self->take();
                         });
    }

  private:
    void take() {
        const auto body = request_.body().empty()
                              ? nlohmann::json::object()
                              : nlohmann::json::parse(request_.body(), nullptr, false);
        reply_ = nlohmann::json{{"result", body}}.dump();
        if (batches_ == nullptr) return write();
        batches_->put(request_.body(), [self = shared_from_this()] { self->write(); });
    }

    void write() {
        response_ = {http::status::ok, request_.version()};
        response_.set(http::field::content_type, "application/json");
        response_.body() = std::move(reply_);
        response_.keep_alive(true);
        response_.prepare_payload();
        http::async_write(socket_, response_,
                          [self = shared_from_this()](beast::error_code error, std::size_t) {
                              if (!error) self->read();
                          });
    }

    Tcp::socket socket_;
    Batches* batches_;
    beast::flat_buffer buffer_;
    http::request<http::string_body> request_;
    http::response<http::string_body> response_;
    std::string reply_;
};

void accept(Tcp::acceptor& acceptor, Batches* batches) {
    acceptor.async_accept([&acceptor, batches](beast::error_code error, Tcp::socket socket) {
        if (!error) std::make_shared<Connection>(std::move(socket), batches)->read();
        accept(acceptor, batches);
    });
}

int serve(int argc, char** argv) {
    asio::io_context io{1};
    std::unique_ptr<Batches> batches;
    if (argc > 1) batches = std::make_unique<Batches>(io, argv[1]);
    Tcp::acceptor acceptor{io, {asio::ip::make_address("127.0.0.1"), 0}};
    std::cout << "listening on http://127.0.0.1:" << acceptor.local_endpoint().port() << std::endl;
    accept(acceptor, batches.get());
    io.run();
    return 0;
}

}  // namespace
}  // namespace slipway

int main(int argc, char** argv) {
    return slipway::serve(argc, argv);
}
