// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "grpc/calls.hpp"
#include "grpc/codec/message_codec.hpp"
#include "nexpo/page.hpp"

namespace nexpo::grpc_host {

namespace {

/// All elements of a list. A page is fetched when the client has taken what came before.
class ListCall final : public grpc::ServerWriteReactor<grpc::ByteBuffer> {
 public:
    ListCall(Door& door, Method const& method, grpc::CallbackServerContext& context)
        : frame_(door, method, context), items_(*method.page->find("items")), next_(*method.page->find("next")) {}

    void begin(grpc::ByteBuffer const& request) {
        if (!one_piece(request, slice_, bytes_)) return finish(server_busy());
        fetch();
    }

    void OnWriteDone(bool ok) override {
        if (!ok) return finish({Errc::cancelled, "call_stopped", "the client has gone"});
        go_on();
    }
    void OnCancel() override { frame_.stop(); }
    void OnDone() override {
        frame_.write_log();
        delete this;
    }

 private:
    void fetch() {
        auto const api = frame_.api();
        if (!api) return finish(api.error());
        api->start(
            frame_.method.operation, [this](StructType const& type) { return read(type); },
            [this](CallAnswer answer) {
                frame_.note(answer);
                if (!answer.output) return stop_at(answer.output.error());
                page_ = std::move(*answer.output);
                index_ = 0;
                go_on();
            });
    }

    /// The input of the next page: what the client asked for, but from where we are, and as many as we may at once.
    Result<std::shared_ptr<void>> read(StructType const& type) {
        auto input = read_input(*frame_.method.input, type, bytes_);
        if (!input) return input;
        auto const* limit = type.find("limit");
        bool const given = limit == nullptr || has_field(bytes_, number_of(*limit));
        if (!given) limit->type().set_integer(static_cast<char*>(input->get()) + limit->offset(), kMaxPageLimit);
        if (!cursor_.empty()) {
            auto const& field = *type.find("cursor");
            auto* cursor = field.type().fill(static_cast<char*>(input->get()) + field.offset());
            field.type().element->set_text(cursor, cursor_);
        }
        return input;
    }

    std::uint32_t number_of(Field const& field) const {
        for (auto const& known : frame_.method.input->fields) {
            if (known.field == &field) return known.number;
        }
        return 0;
    }

    /// Sends the next element, or finds the next page, or ends.
    void go_on() {
        auto const* page = static_cast<char const*>(page_.get());
        auto const* items = page + items_.offset();
        if (index_ < items_.type().size(items)) {
            std::string out;
            encode(*frame_.method.output, items_.type().at(items, index_++), out);
            frame_.count_bytes(out.size());
            buffer_ = to_buffer(out);
            return StartWrite(&buffer_);
        }
        auto const* next = next_.type().inside(page + next_.offset());
        if (next == nullptr) return Finish(frame_.status(nullptr));
        cursor_ = next_.type().element->text(next);
        fetch();
    }

    /// Whoever comes back can go on from here.
    void stop_at(Error const& error) {
        if (!cursor_.empty()) frame_.add_trailer("nexpo-cursor", cursor_);
        finish(error);
    }

    void finish(Error const& error) { Finish(frame_.status(&error)); }

    CallFrame frame_;
    Field const& items_;
    Field const& next_;
    grpc::Slice slice_;
    std::string_view bytes_;
    AnyOutput page_;
    std::size_t index_ = 0;
    std::string cursor_;
    grpc::ByteBuffer buffer_;
};

}  // namespace

grpc::ServerWriteReactor<grpc::ByteBuffer>* begin_list(Door& door, Method const& method,
                                                       grpc::CallbackServerContext& context,
                                                       grpc::ByteBuffer const& request) {
    auto* call = new ListCall(door, method, context);
    call->begin(request);
    return call;
}

}  // namespace nexpo::grpc_host
