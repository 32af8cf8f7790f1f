package org.larchmq.jms.message;

import jakarta.jms.MessageEOFException;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import org.larchmq.jms.error.ClientError;
import org.larchmq.message.ByteReader;

/** The string format of {@link java.io.DataOutput#writeUTF}, which BytesMessage.readUTF reads. */
final class ModifiedUtf {
    private ModifiedUtf() {}

    /** @throws IOException when the bytes are no such string */
    static String read(ByteReader in) throws IOException, MessageEOFException {
        int length = in.getUnsignedShort();
        if (in.remaining() < length) {
            throw new MessageEOFException(
                    "a UTF string of " + length + " bytes, the body has " + in.remaining() + " left",
                    ClientError.MESSAGE_FORMAT.text());
        }
        byte[] encoded = new byte[length + 2];
        encoded[0] = (byte) (length >> 8);
        encoded[1] = (byte) length;
        in.buffer().get(in.position(), encoded, 2, length);
        in.skip(length);
        return new DataInputStream(new ByteArrayInputStream(encoded)).readUTF();
    }
}
