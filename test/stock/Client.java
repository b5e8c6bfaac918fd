/*
 * The textbook client in Java, on what jrpcgen makes of reverse.x with
 * -p reversing, and on Remote Tea's library.
 *
 *	java Client PORT TEXT
 */
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import org.acplt.oncrpc.OncRpcProtocols;
import reversing.*;

class Client {
    static void print(String name, byte[] bytes) {
        System.out.println(name + ": "
            + new String(bytes, StandardCharsets.UTF_8));
    }

    public static void main(String[] words) throws Exception {
        reverseClient server = new reverseClient(
            InetAddress.getByName("127.0.0.1"), Integer.parseInt(words[0]),
            OncRpcProtocols.ONCRPC_TCP);
        call_context context = new call_context();
        reverse_args args = new reverse_args();

        context.metadata = new metadatum[0];
        args.context = context;
        args.unit = text_unit.UNIT_GRAPHEME;
        args.text = new message(words[1].getBytes(StandardCharsets.UTF_8));

        server.REVERSE_PING_1();
        System.out.println("ping: answered");
        print("greet", server.REVERSE_GREET_1(context).hello.text);
        print("text", server.REVERSE_TEXT_1(args).outcome.text.value);
        System.out.println("status: "
            + server.REVERSE_STATUS_1().counters.state);
        print("describe", server.REVERSE_DESCRIBE_1().schema);
        System.out.println("whoami: " + server.REVERSE_WHOAMI_1().you.flavor);
        server.close();
    }
}
